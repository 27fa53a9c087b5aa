import { INDEX_ITEMS_MOST, ITEMS_LEAST, type MemoryPlan } from '../../planning/index.ts'
import { bytes, count } from '../figures.ts'
import { facts } from '../table.ts'
import type { Terminal } from '../terminal.ts'

/** Memory beside cores: what is measured, what is planned, and into how many parts it has to be divided. */
export function memoryView(terminal: Terminal, plan: MemoryPlan): string {
  const { bold, yellow, dim } = terminal.colours
  const { measured, items, users, parts, partBytes } = plan
  const rows: (readonly [string, string])[] = [
    [
      'measured',
      `${bytes(plan.perItem)} an item (${plan.perItemIndex > 0 ? `${bytes(plan.perItemIndex)} its vectors` : 'without a vector index'}), ${bytes(plan.perUser)} a user, over ${count(measured.items)} items and ${count(measured.users)} users`,
    ],
    [
      'in every process',
      `${bytes(measured.restBytes)} program, models, caches; ${bytes(measured.boundedBytes)} bounded parts`,
    ],
    ['planned', `${count(items)} items, ${count(users)} users: ${bytes(plan.bytes)} were it one process`],
    [
      'one process holds',
      `${count(plan.itemsMost)} items on such a machine; an index ends at ${count(INDEX_ITEMS_MOST)} of 64 numbers`,
    ],
    parts === undefined
      ? ['machines by memory', yellow('such a machine is too small for a process')]
      : ['machines by memory', `${bold(count(parts))}, one process of ${bytes(partBytes ?? 0)} on each`],
  ]
  return [
    facts(terminal, rows),
    ...(measured.items < ITEMS_LEAST
      ? [yellow(`Few items were measured (under ${count(ITEMS_LEAST)}): an item seems larger than it is among many`)]
      : []),
    ...(parts !== undefined && parts > 1
      ? [
          dim(
            `The state is not sharded: every process holds all of it. Part the catalogue or the countries into ${count(parts)}, each a platform of its own with its items, users and journal, and send each request to its own. Machines by cores are for all parts together.`,
          ),
        ]
      : []),
  ].join('\n')
}
