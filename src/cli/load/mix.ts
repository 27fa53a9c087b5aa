import { InvalidArgumentError } from 'commander'
import type { Random } from '../../foundation/base/index.ts'
import { Misuse } from '../failure.ts'

/** Parts of the traffic by surface. */
export type Mix = Readonly<Record<string, number>>

/** Reads "home:80,next:200,search:40". Parts are relative; without a rate they are requests per second. */
export function parseMix(text: string): Mix {
  const mix: Record<string, number> = {}
  for (const entry of text.split(',')) {
    const [surface, part, ...rest] = entry.trim().split(':')
    const value = part === undefined ? 1 : Number(part)
    if (!surface || rest.length > 0 || part === '' || !(value > 0 && value < 1e6)) {
      throw new InvalidArgumentError('It must name surfaces and their parts, like home:80,next:200,search:40.')
    }
    mix[surface] = (mix[surface] ?? 0) + value
  }
  return mix
}

/**
 * A run of refusals measures nothing: a surface that the server does not have is said before it.
 * `budgets`: those of its status, which has each surface by its name and its stages as `home/retrieve`.
 * @throws Misuse
 */
export function checkSurfaces(mix: Mix, budgets: Readonly<Record<string, number>>, url: string): void {
  const known = Object.keys(budgets).filter((name) => !name.includes('/'))
  const unknown = Object.keys(mix).find((surface) => !known.includes(surface))
  if (unknown === undefined || known.length === 0) return
  throw new Misuse(
    `Cannot ask ${url} for surface "${unknown}": it has ${known.join(', ')}. Name those with --surface-mix`,
  )
}

export function total(mix: Mix): number {
  return Object.values(mix).reduce((sum, part) => sum + part, 0)
}

/** Draws a surface with the probability of its part. */
export function drawSurface(mix: Mix, random: Random): string {
  let left = random.next() * total(mix)
  let surface = ''
  for (const [name, part] of Object.entries(mix)) {
    surface = name
    if ((left -= part) < 0) break
  }
  return surface
}
