import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dashboards } from '../../scripts/dashboards/index.ts'
import { loadConfig } from '../../src/cli/config-file.ts'
import { createMetrics, metricTable, type MetricName, type MetricSpec } from '../../src/foundation/telemetry/index.ts'
import { packageFolder } from './cli-process.ts'

/** The files for operating Sluice hold on to names: of metrics, labels, options. Here they are held against the code. */
const deploy = join(packageFolder, 'deploy')
const alerts = readFileSync(join(deploy, 'prometheus', 'alerts.yml'), 'utf8')

/** PromQL of the alerts: one line, or the lines under `expr: |`. */
const alertExpressions = [...alerts.matchAll(/^ +expr: (?:\|\n((?: {10,}.*\n)+)|(.*)\n)/gm)].map(
  ([, block, line]) => block ?? line ?? '',
)
const boards = Object.entries(dashboards())
const boardExpressions = boards.flatMap(([, text]) =>
  [...text.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(([, quoted = '""']) => JSON.parse(quoted) as string),
)

/** A metric of the table with the part of it that was named. */
function specOf(name: string): { spec: MetricSpec; part: string } | undefined {
  const base = name.replace(/_(bucket|sum|count)$/, '') as MetricName
  if (Object.hasOwn(metricTable, name)) return { spec: metricTable[name as MetricName], part: '' }
  return Object.hasOwn(metricTable, base) ? { spec: metricTable[base], part: name.slice(base.length) } : undefined
}

describe.each([
  ['the alerts', alertExpressions, 20],
  ['the dashboards', boardExpressions, 40],
] as const)('%s', (_, expressions, least) => {
  it('are there', () => expect(expressions.length).toBeGreaterThanOrEqual(least))

  it('name metrics that exist, and of a histogram its parts', () => {
    for (const expression of expressions)
      for (const [name] of expression.matchAll(/\bsluice_\w+/g)) {
        const found = specOf(name)
        expect(found, `${name} in ${expression}`).toBeDefined()
        expect(found?.part !== '', `${name} in ${expression}`).toBe(found?.spec.type === 'histogram')
      }
  })

  it('take rates of counters and histograms, and read gauges as they are', () => {
    for (const expression of expressions)
      for (const [, call = '', name = ''] of expression.matchAll(/(\w*)\(?\b(sluice_\w+)/g)) {
        const grows = specOf(name)?.spec.type !== 'gauge'
        expect(['rate', 'increase'].includes(call), `${call}(${name}) in ${expression}`).toBe(grows)
      }
  })

  it('select and group by labels that those metrics have', () => {
    for (const expression of expressions) {
      const known = new Set(['le', 'instance', 'job'])
      for (const [name] of expression.matchAll(/\bsluice_\w+/g))
        for (const label of specOf(name)?.spec.labels ?? []) known.add(label)
      const used = [
        ...[...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(',')),
        ...[...expression.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = '']) =>
          list.split(',').map((one) => one.split(/[=!]/)[0] ?? ''),
        ),
      ]
      for (const label of used) expect(known, `${label} in ${expression}`).toContain(label.trim())
    }
  })

  it('name only what a process says of itself besides', async () => {
    const said = await createMetrics().text()
    for (const expression of expressions)
      for (const [name] of expression.matchAll(/\b(process|nodejs)_\w+/g)) expect(said).toContain(`# TYPE ${name} `)
  })
})

it('a server that starts is not taken for one that fails: whoever asks whether it is ready is told 503', () => {
  const errors = alertExpressions.filter((expression) => expression.includes('status=~"5.."'))
  expect(errors).toHaveLength(1)
  expect(errors[0]).toContain('status=~"5..",route!="/ready"')
})

describe('the dashboards', () => {
  it.each(boards)('%s is committed as it would be made now; otherwise run "npm run docs"', (path, text) => {
    expect(readFileSync(join(packageFolder, path), 'utf8') === text, path).toBe(true)
  })

  it('show every metric of the table, together with the alerts', () => {
    const shown = [...boardExpressions, ...alertExpressions].join('\n')
    const hidden = Object.keys(metricTable).filter((name) => !shown.includes(name))
    expect(hidden).toEqual([])
  })

  it('do not lie on each other, and explain every panel', () => {
    for (const [, text] of boards) {
      const { panels } = JSON.parse(text) as { panels: { gridPos: { x: number; y: number }; description: string }[] }
      expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size).toBe(panels.length)
      for (const { description } of panels) expect(description).toMatch(/\.$/)
    }
  })
})

describe('the compose file', () => {
  const compose = readFileSync(join(deploy, 'compose.yml'), 'utf8')

  it('mounts files that are there', () => {
    const mounted = [...compose.matchAll(/- \.\/([\w./-]+):/g)].map(([, path = '']) => path)
    expect(mounted.length).toBeGreaterThan(3)
    for (const path of mounted) expect(readdirSync(join(deploy, path, '..'))).toContain(path.split('/').at(-1))
  })

  it('gives the server a configuration that is taken, and the scraper its reading key', async () => {
    const { config } = await loadConfig(deploy, 'sluice.config.json')
    const reading = config.server.apiKeys.find(({ rights }) => rights.includes('read') && !rights.includes('admin'))
    expect(readFileSync(join(deploy, 'prometheus', 'prometheus.yml'), 'utf8')).toContain(reading?.key)
  })

  it('starts it with options that exist', () => {
    const commands = readFileSync(join(packageFolder, 'docs', 'reference', 'cli.md'), 'utf8')
    for (const text of [compose, readFileSync(join(deploy, 'Dockerfile'), 'utf8')])
      for (const [, option] of text.matchAll(/"(--(?:host|world|visitors|data|port))"/g))
        expect(commands).toContain(option)
  })
})

describe('the chart', () => {
  const chart = (file: string) => readFileSync(join(deploy, 'helm', 'sluice', file), 'utf8')
  const template = chart('templates/sluice.yaml')

  it('asks for what the server answers without a key, and starts it with options that exist', () => {
    const asked = [...template.matchAll(/path: (\/\w+), port/g)].map(([, path]) => path)
    expect(new Set(asked)).toEqual(new Set(['/ready', '/health']))
    const api = readFileSync(join(packageFolder, 'docs', 'openapi.json'), 'utf8')
    for (const path of asked) expect(api).toContain(`"${path}"`)
    const commands = readFileSync(join(packageFolder, 'docs', 'reference', 'cli.md'), 'utf8')
    for (const [, option] of template.matchAll(/"(--\w+)"/g)) expect(commands).toContain(option)
  })

  it('uses the values that it documents, all of them, and is of this version', () => {
    const used = new Set([...template.matchAll(/\.Values\.(\w+)/g)].map(([, name]) => name))
    const said = new Set([...chart('values.yaml').matchAll(/^(\w+):/gm)].map(([, name]) => name))
    expect(used).toEqual(said)
    const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }
    expect(chart('Chart.yaml')).toContain(`appVersion: "${version}"`)
  })

  it('runs as the user of the image, where the image keeps data and configuration', () => {
    const image = readFileSync(join(deploy, 'Dockerfile'), 'utf8')
    expect(image).toContain('USER node') // 1000 in the base image
    expect(template).toContain('runAsUser: 1000')
    expect(image).toContain('SLUICE_DATA=/data')
    expect(template).toContain('mountPath: /data')
    expect(image).toContain('WORKDIR /app')
    expect(template).toContain('mountPath: /app/sluice.config.json')
  })
})
