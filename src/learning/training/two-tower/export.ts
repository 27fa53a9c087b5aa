import { emitModel, layoutOf, slotView } from '../../graph/index.ts'
import {
  embeddedInputs,
  ENCODED_AT_ONCE,
  type FeatureSpec,
  itemTower,
  specDigest,
  type Tower,
  type TwoTowerArtifact,
  userTower,
} from '../../models/index.ts'
import type { Learned } from '../checkpoints.ts'
import type { TwoTowerRecipe } from './config.ts'

/** The serving artifact: each tower with its own weights inside, tables as they are (not copied). */
export function exportTwoTower(spec: FeatureSpec, { network }: TwoTowerRecipe, learned: Learned): TwoTowerArtifact {
  const users = userTower(spec, ENCODED_AT_ONCE.users, network)
  const items = itemTower(spec, ENCODED_AT_ONCE.items, network)
  const names = [users, items].flatMap(({ inputs }) => inputs.embeddedNames.map((name) => embeddedInputs[name].table))
  const tables = [...new Set(names)].sort()
  return {
    manifest: { format: 1, name: 'two-tower', network, spec, specDigest: specDigest(spec), tables },
    user: withWeights(users, learned),
    item: withWeights(items, learned),
    tables: Object.fromEntries(tables.map((table) => [table, learned.tables[table]])),
  }
}

/** A tower's own part of the trained weights, by name. */
function withWeights({ g, vectors }: Tower, { layout, dense }: Learned): Uint8Array {
  const own = layoutOf(g)
  const weights = new Float32Array(own.size)
  for (const slot of own.slots) {
    const from = layout.slots.find(({ name }) => name === slot.name)
    if (!from) throw new TypeError(`Cannot export the tower: its weight "${slot.name}" was not trained`)
    slotView(weights, slot).set(slotView(dense.weights, from))
  }
  return emitModel(g, { vectors }, { name: 'two-tower', weights })
}
