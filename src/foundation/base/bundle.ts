import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Where a bundle lies, seen from a file: beside an entry, above a chunk, from a bench, from the sources. */
const PLACES = ['.', '..', '../../../dist', '../../../../dist']

/** The file of a bundle such as "trainer.js" that a thread begins with; undefined where it was not built. */
export function bundleFrom(url: string, name: string): string | undefined {
  return PLACES.map((place) => fileURLToPath(new URL(`${place}/${name}`, url))).find((file) => existsSync(file))
}
