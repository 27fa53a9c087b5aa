import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { trainCoarseModel } from '../../src/app/learn/coarse.ts'
import { rankerEntry } from '../../src/app/learn/ranker-entry.ts'
import { throughFiles } from '../../src/app/learn/ranker.ts'
import { trainTwoTowerModel } from '../../src/app/learn/two-tower.ts'
import { Workshop } from '../../src/app/learn/workshop.ts'
import { completeConfig } from '../../src/domain/index.ts'
import { Registry, type Verdict } from '../../src/learning/registry/index.ts'
import { trainRanker } from '../../src/learning/training/index.ts'
import { TWO_TOWER } from '../../src/serving/inference/index.ts'

/** Sizes of the fine ranker: history, numbers per embedding. Heads of attention and blocks are the model's own. */
export const FINE = { history: 50, width: 64 } as const
/** What is live in a bench, and has a second version to be promoted: the same files again. */
export const BENCH_MODELS = ['bst-isolated', 'coarse', TWO_TOWER] as const
/** What stands in the manifest in place of gates: a bench serves what no platform should. */
const bench: Verdict = {
  ...{ gate: 'bench', pass: true, value: null, limit: null },
  say: 'made for a bench: lightly trained, and judged for speed alone',
}

/**
 * Puts a fine and a coarse ranker and two towers of serving size into the registry of a small world's folder, and makes
 * them live. One pass over its samples: latency does not depend on the weights. They go the way of all models: files,
 * registry, loading.
 */
export async function plantModels(data: string): Promise<void> {
  const config = completeConfig()
  const workshop = new Workshop(data, config)
  await plantFine(workshop)
  const coarse = await trainCoarseModel({ data, config, model: 'coarse', epochs: 1 }, workshop)
  await promoteAgain(workshop.registry, 'coarse', coarse.version)
  const towers = await trainTwoTowerModel({ data, config, model: TWO_TOWER, epochs: 1 }, workshop)
  await promoteAgain(workshop.registry, TWO_TOWER, towers.version)
}

async function plantFine(workshop: Workshop): Promise<void> {
  const { samples, facts, until } = await workshop.material()
  const work = mkdtempSync(join(tmpdir(), 'sluice-bench-train-'))
  try {
    const run = await trainRanker({
      ...{ recipe: 'bst-isolated', samples, facts, folder: work },
      config: { seed: 'bench', epochs: 1, ...FINE },
    })
    const draft = workshop.registry.draft('bst-isolated')
    throughFiles(draft, run.artifact)
    const { version } = await draft.commit(
      rankerEntry({
        ...{ artifact: run.artifact, samples, seed: 'bench', metrics: {}, gates: [bench], until },
        ...{ examples: run.examples, learntUntil: samples.at(samples.requests - 1), parents: [], recipe: run.config },
      }),
    )
    await promoteAgain(workshop.registry, 'bst-isolated', version)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Registers a version twice more under the bench's own verdict, whatever its gates said, and makes the first of them live. */
async function promoteAgain(registry: Registry, name: string, version: string): Promise<void> {
  const {
    schema: _,
    name: __,
    version: ___,
    createdAt: ____,
    files,
    state: _____,
    ...manifest
  } = registry.show(name, version)
  const again = async () => {
    const draft = registry.draft(name)
    for (const file of files) draft.write(file.name, readFileSync(join(registry.folder, name, version, file.name)))
    return draft.commit({ ...manifest, gates: [bench], parents: [`${name}/${version}`] })
  }
  const first = await again()
  await again()
  await registry.promote(name, first.version)
}

/** Are models of the bench live in a folder? */
export function hasModels(data: string): boolean {
  if (!existsSync(join(data, 'models'))) return false
  const registry = new Registry(join(data, 'models'))
  return BENCH_MODELS.every((name) => registry.live(name) !== undefined)
}
