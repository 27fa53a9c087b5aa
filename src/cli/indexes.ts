import type { Command } from 'commander'
import type { ListedIndex } from '../app/index.ts'
import type { Context } from './context.ts'
import { dataOption, existingFolder, jsonOption, nonEmpty } from './options.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

interface IndexOptions {
  readonly data: string
  readonly json?: boolean
}

/** `sluice index list|show|rollback`: the vector indexes of a data folder. */
export function indexCommand(program: Command, context: Context): void {
  const { terminal } = context
  const index = program
    .command('index')
    .description('The vector indexes of a data folder: which one serves, its checks, the way back.')
  const shelvesOf = async ({ data }: IndexOptions) =>
    (await context.rooms.app()).indexShelves(existingFolder(terminal.folder, data))
  const tell = (options: IndexOptions, value: unknown, text: string) =>
    terminal.out(options.json ? JSON.stringify(value) : text)
  const command = (words: string, say: string) =>
    index.command(words).description(say).addOption(dataOption()).addOption(jsonOption())

  command('list', 'List every index and where it stands.').action(async (options: IndexOptions) => {
    const listed = (await shelvesOf(options)).list()
    tell(options, listed, listView(terminal, listed))
  })
  command('show <source>', 'Show the checks of a source’s indexes, and what was swapped and why.').action(
    async (source: string, options: IndexOptions) => {
      const shelves = await shelvesOf(options)
      const shown = { log: shelves.log(source), indexes: shelves.list().filter((one) => one.source === source) }
      tell(options, shown, JSON.stringify(shown, null, 2))
    },
  )
  command('rollback <source>', 'Go back to the index before; a running server follows within half a second.')
    .option('--why <text>', 'kept in the log of the source', nonEmpty, 'asked for')
    .action(async (source: string, options: IndexOptions & { why: string }) => {
      const went = (await shelvesOf(options)).rollback(source, options.why)
      tell(options, { source, ...went }, `${source} went back from ${went.from} to ${went.to}`)
    })
}

function listView(terminal: Terminal, listed: readonly ListedIndex[]): string {
  if (listed.length === 0) return 'No index was built here yet: sources search exactly while the catalogue is small'
  const columns = [
    { head: 'source' },
    { head: 'index' },
    { head: 'state' },
    { head: 'MB', right: true },
    { head: 'checks' },
  ]
  const rows = listed.map(({ source, name, state, bytes, verdict }) => [
    source,
    name,
    state,
    (bytes / 1e6).toFixed(1),
    (verdict?.checks ?? [])
      .map(({ check, pass, value }) => `${check} ${pass ? '' : 'failed '}${round(value)}`)
      .join(', '),
  ])
  return table(terminal, columns, rows)
}

const round = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(4))
