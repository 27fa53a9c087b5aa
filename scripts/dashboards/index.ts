/** The Grafana dashboards as data: a row per panel. `npm run docs` writes them; a test holds their metrics against the table. */
import { overview } from './overview.ts'
import { layers } from './layers.ts'
import { quality } from './quality.ts'
import { portfolio } from './portfolio.ts'
import { indexes } from './indexes.ts'
import { shadow } from './shadow.ts'
import type { Panel } from './panel.ts'

const boards = { overview, layers, quality, portfolio, indexes, shadow } as const

const WIDTH = 12
const HEIGHT = 8

/** The files, by path. */
export function dashboards(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(boards).map(([name, panels]) => [
      `deploy/grafana/dashboards/sluice-${name}.json`,
      `${JSON.stringify(board(name, panels), null, 2)}\n`,
    ]),
  )
}

function board(name: string, panels: readonly Panel[]): object {
  return {
    uid: `sluice-${name}`,
    title: `Sluice: ${name}`,
    tags: ['sluice'],
    schemaVersion: 39,
    editable: true,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [{ name: 'prometheus', label: 'Prometheus', type: 'datasource', query: 'prometheus' }] },
    links: [{ title: 'Sluice', type: 'dashboards', tags: ['sluice'], asDropdown: true }],
    annotations: {
      list: [
        {
          name: 'changes',
          datasource,
          enable: true,
          expr: 'sum by (kind) (increase(sluice_changes_total[1m])) > 0',
          titleFormat: '{{kind}}',
          iconColor: 'orange',
        },
      ],
    },
    panels: panels.map(panel),
  }
}

/** The variable of the dashboard: Grafana fills it in. */
const datasource = { type: 'prometheus', uid: `\${prometheus}` }

function panel({ title, say, unit, show, max }: Panel, index: number): object {
  return {
    id: index + 1,
    type: 'timeseries',
    title,
    description: say,
    datasource,
    gridPos: { x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0, ...(max === undefined ? {} : { max }) }, overrides: [] },
    options: {
      legend: { displayMode: 'table', placement: 'right', calcs: ['lastNotNull', 'max'] },
      tooltip: { mode: 'multi' },
    },
    targets: Object.entries(show).map(([legendFormat, expr], i) => ({
      refId: String.fromCharCode(65 + i),
      datasource,
      expr,
      legendFormat,
    })),
  }
}
