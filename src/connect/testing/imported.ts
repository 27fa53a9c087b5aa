import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ImportKind, ImportOptions, ImportStep } from '../contract.ts'
import { importers } from '../importers.ts'

/** A new folder with these files (text as UTF-8), removed when the test ends. */
export async function folderOf(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-connect-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return folder
}

type Found = Record<string, unknown>

/** Everything an importer gave, by what it is. */
export interface Imported {
  readonly steps: ImportStep[]
  readonly items: Found[]
  readonly bare: string[]
  readonly users: Found[]
  readonly events: Found[]
  readonly rejects: { code: string; message: string }[]
  readonly rows: number
}

export async function importAll(kind: ImportKind, path: string, options?: ImportOptions): Promise<Imported> {
  const all: Imported = { steps: [], items: [], bare: [], users: [], events: [], rejects: [], rows: 0 }
  let rows = 0
  for await (const step of importers[kind].read(path, options)) {
    rows += step.rows
    all.steps.push(step)
    if (step.put === 'reject') all.rejects.push({ code: step.code, message: step.message })
    else if (step.put === 'event') all.events.push(step.value as Found)
    else if (step.put === 'user') all.users.push(step.value as Found)
    else if (step.bare) all.bare.push((step.value as { id: string }).id)
    else all.items.push(step.value as Found)
  }
  return { ...all, rows }
}
