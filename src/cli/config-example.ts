import type { TSchema } from 'typebox'
import { Config, defaultSurfaces, SurfaceConfig } from '../domain/index.ts'

const WIDTH = 116
/** A space that no line is broken at. */
const GLUE = '\u00a0'

const HEAD = `// Every option of Sluice, with what it does, its unit, its range and its default.
// This file is the manual, and it is made from the schema: nothing in it differs from the defaults.
//
// To change something, copy it to sluice.config.ts beside your data folder and keep only what differs:
//
//   import { defineConfig } from 'sluice'
//   export default defineConfig({ retrieval: { trendingHalfLifeHours: 3 } })
//
// \`sluice config --check sluice.config.ts\` says what is wrong with a file; \`sluice config\` prints what takes effect.
import { defineConfig } from 'sluice'
`

/** The parts of JSON Schema that the configuration is written in. */
interface Shape {
  readonly type?: string
  readonly description?: string
  readonly unit?: string
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly { readonly const?: unknown }[]
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly items?: Shape
  readonly patternProperties?: Readonly<Record<string, Shape>>
}

/** The text of sluice.config.example.ts: equal to the defaults, and the manual. */
export function configExample(): string {
  const lines: string[] = []
  for (const [name, shape] of Object.entries(shapeOf(Config).properties ?? {})) {
    if (lines.length > 0) lines.push('')
    if (name === 'surfaces') surfaces(lines, shape)
    else option(lines, name, shape, shape.default, 1)
  }
  return `${HEAD}\nexport default defineConfig({\n${lines.join('\n')}\n})\n`
}

/**
 * Options of a surface are explained once, at the first one; the others hold what differs from the defaults.
 */
function surfaces(lines: string[], shape: Shape): void {
  lines.push(...comment(shape.description ?? '', 1), `${pad(1)}surfaces: {`)
  const surface = shapeOf(SurfaceConfig)
  const [first, ...others] = Object.entries(defaultSurfaces) as [string, Record<string, unknown>][]
  lines.push(
    ...comment(
      `Every option of a surface is written out here; the surfaces below hold what differs from this list.`,
      2,
    ),
    `${pad(2)}${key(first[0])}: {`,
  )
  for (const [name, inner] of Object.entries(surface.properties ?? {})) {
    option(lines, name, inner, first[1][name] ?? inner.default, 3)
  }
  lines.push(`${pad(2)}},`)
  for (const [name, value] of others) lines.push(`${pad(2)}${key(name)}: ${literal(value, 2)},`)
  lines.push(`${pad(1)}},`)
}

function option(lines: string[], name: string, shape: Shape, value: unknown, depth: number): void {
  if (shape.properties) {
    if (shape.description) lines.push(...comment(shape.description, depth))
    lines.push(`${pad(depth)}${key(name)}: {`)
    const held = (value ?? {}) as Readonly<Record<string, unknown>>
    for (const [inner, innerShape] of Object.entries(shape.properties)) {
      option(lines, inner, innerShape, held[inner] ?? innerShape.default, depth + 1)
    }
    lines.push(`${pad(depth)}},`)
    return
  }
  const entry = shape.items ?? shape.patternProperties?.['^.*$']
  const about = [shape.description, bounds(shape), entry?.properties ? 'Each has:' : ''].filter(Boolean).join(' ')
  lines.push(...comment(about, depth), ...members(entry, depth), `${pad(depth)}${key(name)}: ${literal(value, depth)},`)
}

/** "[ms, 0 to 600000]" */
function bounds({ unit, minimum, maximum, ...shape }: Shape): string {
  const options = shape.enum ?? shape.anyOf?.map((option) => option.const)
  if (options) return `[${options.map(String).join(' | ')}]`.replaceAll(' ', GLUE)
  if (shape.type === 'boolean') return `[true${GLUE}|${GLUE}false]`
  const range = minimum === undefined ? '' : `${count(minimum)} to ${count(maximum)}`
  const both = [unit, range].filter(Boolean).join(', ')
  return both ? `[${both}]`.replaceAll(' ', GLUE) : ''
}

/** What an entry of a list or table holds, one line each. */
function members(entry: Shape | undefined, depth: number): string[] {
  const needed = new Set(entry?.required)
  return Object.entries(entry?.properties ?? {}).flatMap(([name, shape]) => {
    const about = [shape.description, bounds(shape.items ?? shape), needed.has(name) ? '' : 'May be left out.']
    return comment(`- ${name}: ${about.filter(Boolean).join(' ')}`, depth)
  })
}

/** A value as Biome would print it. */
function literal(value: unknown, depth: number): string {
  if (typeof value === 'number') return numeral(value)
  if (typeof value === 'string') return `'${value.replaceAll("'", "\\'")}'`
  if (typeof value !== 'object' || value === null) return String(value)
  const list = Array.isArray(value)
  const entries = list
    ? value.map((entry) => literal(entry, depth + 1))
    : Object.entries(value).map(([name, entry]) => `${key(name)}: ${literal(entry, depth + 1)}`)
  const [open, close] = list ? '[]' : '{}'
  if (entries.length === 0) return `${open}${close}`
  const nested = !list && Object.values(value).some((entry) => typeof entry === 'object' && entry !== null)
  const flat = list ? `[${entries.join(', ')}]` : `{ ${entries.join(', ')} }`
  if (!nested && !flat.includes('\n') && flat.length < WIDTH - 30 && (depth > 2 || list)) return flat
  return `${open}\n${entries.map((entry) => `${pad(depth + 1)}${entry},`).join('\n')}\n${pad(depth)}${close}`
}

/** Long numbers with their thousands apart. */
function numeral(value: number): string {
  const text = String(value)
  return Number.isInteger(value) && value >= 10_000 ? text.replace(/\B(?=(\d{3})+$)/g, '_') : text
}

const count = (value: number | undefined) => (value ?? 0).toLocaleString('en-US', { maximumFractionDigits: 6 })
const pad = (depth: number) => '  '.repeat(depth)
const key = (name: string) => (/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`)

/** Comment lines of at most the width. */
function comment(text: string, depth: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line && pad(depth).length + 3 + line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = word
    } else line = line ? `${line} ${word}` : word
  }
  if (line) lines.push(line)
  return lines.map((content) => `${pad(depth)}// ${content.replaceAll(GLUE, ' ')}`)
}

/** A schema seen as plain JSON Schema, which is what it is. */
function shapeOf(schema: TSchema | Shape | undefined): Shape {
  return (schema ?? {}) as Shape
}
