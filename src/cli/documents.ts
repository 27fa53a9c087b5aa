import { configExample } from './config-example.ts'
import { cliReference } from './reference.ts'

/** The generated documents of the command line by path: written by `scripts/docs.ts`, compared by a test. */
export function documents(): Readonly<Record<string, string>> {
  return {
    'sluice.config.example.ts': configExample(),
    'docs/reference/cli.md': cliReference(),
  }
}
