import { UserAffinity } from '../user-affinity.ts'
import { type DefinitionMaker, ranges } from '../definition.ts'

export const affinityCreator: DefinitionMaker = ({ state: { items }, scales }) => {
  const affinity = new UserAffinity(scales.affinity)
  return {
    name: 'affinity.creator',
    entity: 'user x creator',
    dims: ['affinity.creator'],
    range: ranges.signed,
    say: 'Signed share of the user’s taste that was about the creator, follows included, decayed, -1 to 1; 0 when unknown.',
    projection: {
      name: 'affinity.creator',
      shelve(shelf) {
        shelf.part('affinity', affinity)
      },
      apply(event) {
        if (event.user < 0 || event.creator < 0 || event.strength === 0) return
        affinity.addTotal(event.user, event.at, event.strength)
        affinity.add(event.user, event.creator, event.at, event.strength)
      },
      forget(user) {
        affinity.forget(user)
      },
    },
    fill(ask, rows, out, stride, offset) {
      for (let i = 0, to = offset; i < rows.length; i++, to += stride)
        out[to] = affinity.share(ask.user, items.creator.array[rows[i]])
    },
  }
}
