// Writes the generated documents. A test compares what is committed with what this would write.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { documents as ofCli } from '../src/cli/documents.ts'
import { documents as ofServer } from '../src/server/documents.ts'
import { dashboards } from './dashboards/index.ts'
import { architecture } from './rooms.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
for (const [path, text] of Object.entries({
  ...(await ofServer(version)),
  ...ofCli(),
  ...architecture(),
  ...dashboards(),
})) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  console.log(path)
}
