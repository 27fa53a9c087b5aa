import { cpSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { indexShelves } from '../../src/app/index.ts'
import type { HttpClient } from '../../src/cli/http-client.ts'
import { Tally } from '../../src/cli/load/tally.ts'
import { systemClock } from '../../src/foundation/base/index.ts'
import { TWO_TOWER } from '../../src/serving/inference/index.ts'
import { generationOf, lifeLimits, Shelf, versionOf } from '../../src/serving/vectors/index.ts'

/** Between two looks at what serves. */
const LOOK_MS = 20
/** What does not serve by then is lost. */
const LOST_MS = 5000

/**
 * Has the vector index of the two towers go back to the one before, as `sluice index rollback` does, and forth, and tells how
 * long it takes until the server searches the other one. The second one is a copy of the first.
 */
export class IndexSwaps {
  readonly tally = { back: new Tally(), forth: new Tally() }
  lost = 0
  private readonly data: string
  private readonly shelf: Shelf
  private readonly second: string | undefined

  /** Call before the folder is served. Without an inverted file in it nothing is swapped. */
  constructor(data: string) {
    this.data = data
    this.shelf = new Shelf(join(data, 'indexes', TWO_TOWER), systemClock)
    const { live } = this.shelf.pointer
    if (live === null || generationOf(live) === 0) return
    this.second = this.shelf.nextName(versionOf(live))
    const folderOf = (name: string) => dirname(this.shelf.place(name).path)
    cpSync(folderOf(live), folderOf(this.second), { recursive: true })
    this.shelf.promote(this.second, 'a copy of it', lifeLimits)
  }

  async probe(client: HttpClient): Promise<void> {
    const { second } = this
    if (second === undefined) return
    await this.swap(client, this.tally.back, () => indexShelves(this.data).rollback(TWO_TOWER, 'bench').to)
    await this.swap(client, this.tally.forth, () => {
      this.shelf.promote(second, 'bench', lifeLimits)
      return second
    })
  }

  private async swap(client: HttpClient, tally: Tally, act: () => string): Promise<void> {
    const began = performance.now()
    const generation = generationOf(act())
    while ((await serving(client)) !== generation) {
      if (performance.now() - began > LOST_MS) return void this.lost++
      await wait(LOOK_MS)
    }
    tally.answer(performance.now() - began)
  }
}

/** Which index the server searches, by its own account. */
async function serving(client: HttpClient): Promise<number> {
  const { text } = await client.send('GET', '/metrics')
  const found = /^sluice_index_generation\{source="two-tower"\} (\d+)/m.exec(text)
  return found ? Number(found[1]) : -1
}
