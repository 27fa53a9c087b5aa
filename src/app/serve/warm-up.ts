import type { SlateRequest } from '../../domain/index.ts'
import type { Parts } from '../parts.ts'

/** Slates made before the first request, per surface, so that it meets compiled code. */
const WARM_UP = 8

/** Runs requests of real users through every surface. */
export async function warmUp(
  slates: { rehearse(request: SlateRequest): Promise<void> },
  { state, config }: Pick<Parts, 'state' | 'config'>,
): Promise<void> {
  const { items, users } = state
  if (items.count === 0) return
  for (let i = 0; i < WARM_UP; i++) {
    const user = users.ids.name((i * 7919) % Math.max(1, users.size))
    const row = (i * 104_729) % items.size
    for (const [surface, plan] of Object.entries(config.surfaces)) {
      const about =
        plan.needs === 'item'
          ? { item: items.ids.name(row) }
          : plan.needs === 'query'
            ? { query: wordOf(state, row) }
            : {}
      await slates.rehearse({ surface, ...(user ? { user } : {}), ...about })
    }
  }
}

/** A title may begin with any white space, or be nothing else. */
function wordOf({ items }: Parts['state'], row: number): string {
  return items.document(row)?.title?.trim().split(/\s/)[0] || 'a'
}
