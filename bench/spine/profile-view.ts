import { readFileSync } from 'node:fs'
import Table from 'cli-table3'

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const FUNCTIONS = 25
const MODULES = 25

/** Where the time of a .cpuprofile went: self time by module and by function, largest first. */
export function profileView(file: string, bundle: string): string {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile
  const moduleAt = moduleLines(bundle)
  const self = new Map<number, number>()
  let total = 0
  for (const [i, id] of samples.entries()) {
    self.set(id, (self.get(id) ?? 0) + timeDeltas[i])
    total += timeDeltas[i]
  }
  const modules = new Map<string, number>()
  const functions = new Map<string, number>()
  let idle = 0
  for (const { id, callFrame } of nodes) {
    const us = self.get(id) ?? 0
    if (us === 0) continue
    const { functionName, url, lineNumber } = callFrame
    if (functionName === '(idle)') {
      idle += us
      continue
    }
    const module = url.startsWith('node:') ? url : url === '' ? functionName || '(native)' : moduleAt(url, lineNumber)
    modules.set(module, (modules.get(module) ?? 0) + us)
    const name = url === '' ? functionName : `${functionName || '(anonymous)'} ${module}`
    functions.set(name, (functions.get(name) ?? 0) + us)
  }
  const busy = total - idle
  const table = (head: string, times: Map<string, number>, most: number) => {
    const shown = new Table({ style: { head: [], border: [] }, head: [head, 'self ms', 'of busy'] })
    for (const [name, us] of [...times].sort((a, b) => b[1] - a[1]).slice(0, most)) {
      shown.push([name, (us / 1000).toFixed(0), `${((100 * us) / busy).toFixed(1)} %`])
    }
    return shown.toString()
  }
  return [
    `busy ${(busy / 1e6).toFixed(1)} s of ${(total / 1e6).toFixed(1)} s`,
    table('module', modules, MODULES),
    table('function', functions, FUNCTIONS),
  ].join('\n')
}

/** The bundler writes the path of each module above it: gives the module of a line of the bundle, or the package of a file. */
function moduleLines(bundle: string): (url: string, line: number) => string {
  const starts: { readonly line: number; readonly module: string }[] = []
  for (const [line, text] of readFileSync(bundle, 'utf8').split('\n').entries()) {
    const module = /^\/\/ (\S+\.(?:ts|cjs|js|json))$/.exec(text)?.[1]
    if (module !== undefined) starts.push({ line, module })
  }
  return (url, line) => {
    if (!url.endsWith(bundle)) return /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? url
    let module = '(bundle)'
    for (const start of starts) {
      if (start.line > line) break
      module = start.module
    }
    return module
  }
}
