import { emitModel, layoutOf, slotView } from '../../graph/index.ts'
import {
  partsOf,
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
  const { users: viewers, items: things } = ENCODED_AT_ONCE
  const users = viewers.map((size) => userTower(spec, size, network))
  const items = things.map((size) => itemTower(spec, size, network))
  const parts = [...users, ...items].flatMap(({ inputs }) => inputs.embeddedNames.flatMap(partsOf))
  const tables = [...new Set(parts.map(({ table }) => table))].sort()
  const sizes = { users: viewers, items: things }
  return {
    manifest: { format: 1, name: 'two-tower', network, spec, specDigest: specDigest(spec), tables, sizes },
    users: users.map((tower) => withWeights(tower, learned)),
    items: items.map((tower) => withWeights(tower, learned)),
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
