import { open, rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Argument, type Command } from 'commander'
import type { Context } from './context.ts'
import { count } from './figures.ts'
import { withPlatform, type OpenOptions } from './open.ts'
import { configOption, dataOption, keyOption, nonEmpty, urlOption } from './options.ts'
import { fileError } from './out-file.ts'
import { exportKinds, type ExportKind } from './platform.ts'

export function exportCommand(program: Command, context: Context): void {
  program
    .command('export')
    .description('Write the records of a platform as JSON lines, which "sluice import jsonl" takes back.')
    .addArgument(new Argument('<what>', 'which records').choices([...exportKinds, 'all']))
    .option('--out <file>', 'write there instead of standard output', nonEmpty)
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
Examples:
  $ sluice export all --out platform.jsonl
  $ sluice export events | jq -c 'select(.kind == "purchase")'`,
    )
    .action(async (what: ExportKind | 'all', options: OpenOptions & { out?: string }) => {
      const { terminal } = context
      const kinds = what === 'all' ? exportKinds : [what]
      const { jsonlLines } = await context.rooms.connect()
      await withPlatform(context, options, async (platform) => {
        const copy = async (write: Write) => {
          for (const kind of kinds) {
            for await (const batch of platform.records(kind)) await write([...jsonlLines({ [kind]: batch })].join(''))
          }
        }
        if (options.out === undefined) return copy((piece) => terminal.write(piece))
        const path = resolve(terminal.folder, options.out)
        const lines = await toFile(path, copy)
        terminal.err(`Wrote ${count(lines)} lines to ${path}`)
      })
    })
}

type Write = (piece: string) => Promise<void>

/** Writes beside the file and renames at the end, so that half an export is never taken for a whole one. */
async function toFile(path: string, fill: (write: Write) => Promise<void>): Promise<number> {
  const draft = `${path}.${process.pid}.tmp`
  let lines = 0
  try {
    const file = await open(draft, 'w')
    try {
      await fill(async (piece) => {
        for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) lines++
        await file.appendFile(piece)
      })
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw fileError(path, error)
  }
  return lines
}
