import type { Route } from './route.ts'
import { events } from './routes/events.ts'
import { exports } from './routes/exports.ts'
import { faults } from './routes/faults.ts'
import { home } from './routes/home.ts'
import { items } from './routes/items.ts'
import { operations } from './routes/operations.ts'
import { portfolio } from './routes/portfolio.ts'
import { slates } from './routes/slates.ts'
import { users } from './routes/users.ts'

/** Every route. Read by the server, the OpenAPI document, the reference page and the tests. */
export const routes: readonly Route[] = [
  ...slates,
  ...events,
  ...items,
  ...users,
  ...exports,
  ...portfolio,
  ...operations,
  ...faults,
  ...home,
]
