import { NoQuery, PortfolioReport } from '../contract/index.ts'
import { JSON_TYPE, route } from '../route.ts'

export const portfolio = [
  route({
    name: 'portfolio',
    method: 'GET',
    path: '/v1/portfolio',
    needs: 'admin',
    group: 'operations',
    summary: 'What each source is worth: its share of what was served and clicked, its time, a verdict.',
    schema: { querystring: NoQuery },
    gives: { type: JSON_TYPE, schema: PortfolioReport },
    handle: ({ engine }) => engine.portfolio(),
  }),
]
