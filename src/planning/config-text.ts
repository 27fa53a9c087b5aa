import { type Decision, questionNames, questions, type Question } from './decide.ts'

/** The text of a configuration file that sets what was decided, each option with its reason. */
export function configText({ answers, settings, advice }: Decision): string {
  const lines = ['// Written by `sluice plan decide`. What it decided from:', '//']
  for (const name of questionNames) {
    const { ask, answers: known } = questions[name] as Question
    lines.push(`// ${ask}`, `//   ${answers[name]}: ${known[answers[name]]?.say ?? ''}`)
  }
  if (advice.length > 0) lines.push('//', '// And what no option can do:', ...advice.map((one) => `// - ${one}`))
  lines.push('//', '// sluice.config.example.ts explains every option.', "import { defineConfig } from 'sluice'", '')
  const root: Branch = new Map()
  for (const { option, value, why } of settings) {
    let at = root
    const path = option.split('.')
    for (const name of path.slice(0, -1)) {
      const next = at.get(name)
      const branch: Branch = next instanceof Map ? next : new Map()
      at.set(name, branch)
      at = branch
    }
    at.set(path.at(-1) as string, { value, why })
  }
  return `${lines.join('\n')}\nexport default defineConfig({\n${written(root, 1)}})\n`
}

type Branch = Map<string, Branch | { readonly value: unknown; readonly why: string }>

function written(branch: Branch, depth: number): string {
  const pad = '  '.repeat(depth)
  let text = ''
  for (const [name, inner] of branch) {
    if (inner instanceof Map) text += `${pad}${name}: {\n${written(inner, depth + 1)}${pad}},\n`
    else text += `${pad}${name}: ${literal(inner.value)}, // ${inner.why}\n`
  }
  return text
}

function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "\\'")}'`
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'number' && value >= 10_000) return String(value).replace(/\B(?=(\d{3})+$)/g, '_')
  return String(value)
}
