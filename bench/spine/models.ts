import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { trainCoarseModel } from '../../src/app/learn/coarse.ts'
import { rankerEntry } from '../../src/app/learn/ranker-entry.ts'
import { throughFiles } from '../../src/app/learn/ranker.ts'
import { Workshop } from '../../src/app/learn/workshop.ts'
import { completeConfig } from '../../src/domain/index.ts'
import { Registry, type Verdict } from '../../src/learning/registry/index.ts'
import { trainRanker } from '../../src/learning/training/index.ts'
import { readRankerArtifact, rankerConfig } from '../../src/serving/inference/index.ts'

/** Sizes of the fine ranker: history, numbers per embedding. Heads of attention and blocks are the model's own. */
export const FINE = { history: 50, width: 64 } as const
/** What stands in the manifest in place of gates: a bench serves what no platform should. */
const bench: Verdict = {
  ...{ gate: 'bench', pass: true, value: null, limit: null },
  say: 'made for a bench: lightly trained, and judged for speed alone',
}

/**
 * Puts a fine and a coarse ranker of serving size into the registry of a small world's folder, and makes them live. One
 * pass over its samples: latency does not depend on the weights. They go the way of all models: files, registry, loading.
 */
export async function plantModels(data: string): Promise<void> {
  const config = completeConfig()
  const workshop = new Workshop(data, config)
  const { samples, facts, until } = await workshop.material()
  const work = mkdtempSync(join(tmpdir(), 'sluice-bench-train-'))
  try {
    const run = await trainRanker({
      ...{ recipe: 'bst-isolated', samples, facts, folder: work },
      config: { seed: 'bench', epochs: 1, ...FINE },
    })
    const draft = workshop.registry.draft('bst-isolated')
    throughFiles(draft, run.artifact)
    const manifest = await draft.commit(
      rankerEntry({
        ...{
          artifact: run.artifact,
          samples,
          seed: 'bench',
          metrics: {},
          gates: [bench],
          until,
          examples: run.examples,
        },
        learntUntil: samples.at(samples.requests - 1),
        parents: [],
        recipe: run.config,
      }),
    )
    await workshop.registry.promote('bst-isolated', manifest.version)
    const coarse = await trainCoarseModel({ data, config, model: 'coarse', epochs: 1 }, workshop)
    if (!coarse.promoted) await promoteForBench(workshop, 'coarse', coarse.version)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Registers a version again under the bench's own verdict, and makes it live. */
async function promoteForBench(workshop: Workshop, name: string, version: string): Promise<void> {
  const { registry } = workshop
  const trained = await registry.load(name, version)
  const artifact = readRankerArtifact(trained)
  const draft = registry.draft(name)
  throughFiles(draft, artifact)
  const { samples, until } = await workshop.material()
  const { learntUntil, recipe } = rankerConfig(trained)
  const manifest = await draft.commit(
    rankerEntry({
      ...{ artifact, samples, seed: 'bench', metrics: {}, gates: [bench], until, learntUntil, recipe: recipe ?? {} },
      examples: 0,
      parents: [`${name}/${version}`],
    }),
  )
  await registry.promote(name, manifest.version)
}

/** Are rankers of the bench live in a folder? */
export function hasModels(data: string): boolean {
  if (!existsSync(join(data, 'models'))) return false
  const registry = new Registry(join(data, 'models'))
  return registry.live('bst-isolated') !== undefined && registry.live('coarse') !== undefined
}
