import type { RankingRun } from '../../../learning/training/index.ts'
import { rankerEntry } from '../ranker-entry.ts'
import { throughFiles } from '../ranker.ts'
import type { Material, Workshop } from '../workshop.ts'

const passed = { gate: 'test', pass: true, value: null, limit: null, say: 'registered by a test' }

/** Makes what a training gave the live version of a name, as if it had passed its gates; gives its number. */
export async function registerRanker(
  { registry }: Pick<Workshop, 'registry'>,
  name: string,
  { samples, until }: Material,
  { artifact, examples }: RankingRun,
): Promise<string> {
  const draft = registry.draft(name)
  throughFiles(draft, artifact)
  const { version } = await draft.commit(
    rankerEntry({
      ...{ artifact, samples, seed: 'test', metrics: {}, gates: [passed], until, examples },
      ...{ learntUntil: 0, parents: [], recipe: {} },
    }),
  )
  await registry.promote(name, version)
  return version
}
