// Writes dist/*.d.ts: all that a program which imports Sluice sees, a file per entry, so that its compiler reads none of
// the sources and holds none to its own settings. Runs before the package is packed: node scripts/declare.js [FOLDER]
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = process.argv[2] ?? join(root, 'dist')
mkdirSync(folder, { recursive: true })
for (const entry of ['index', 'client']) {
  const bundle = await rollup({
    input: join(root, 'src', `${entry}.ts`),
    external: /^[^./]/,
    plugins: [dts({ tsconfig: join(root, 'tsconfig.json') })],
    onwarn: (warning) => {
      throw new Error(warning.message)
    },
  })
  const { output } = await bundle.generate({ format: 'es' })
  await bundle.close()
  const values = Object.keys(await import(`../dist/${entry}.js`))
  writeFileSync(join(folder, `${entry}.d.ts`), typesApart(output[0].code, values))
}

/** A name that is both a type and a value of the sources is exported as what the bundle has: mostly the type alone. */
function typesApart(code, values) {
  const names = []
  const body = code.replaceAll(/^export (?:type )?\{ (.*) \};\n/gm, (_, list) => {
    names.push(...list.split(', '))
    return ''
  })
  const exported = (kind, some) => `export ${kind}{ ${some.join(', ')} };\n`
  const types = names.filter((name) => !values.includes(name))
  return body + exported('', values) + exported('type ', types)
}
