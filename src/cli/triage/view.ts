import { moment } from '../figures.ts'
import type { Terminal } from '../terminal.ts'
import type { Diagnosis } from './diagnose.ts'
import { layers } from './layers.ts'

/** Changes shown, and suspects of one finding. */
const CHANGES_SHOWN = 12
const SUSPECTS_SHOWN = 4
/** What is asked of the last day; kinds of change that did not happen are named. */
const kinds = ['model', 'index', 'configuration', 'shadow', 'version', 'fault'] as const
/** Lines that a shell takes as they stand. */
const COMMAND = /^(sluice|npm|df) /

/** `slates`: how many were seen while it looked. */
export function triageView({ colours }: Terminal, diagnosis: Diagnosis, slates: number): string {
  const { findings, changes, advice, healthy, layer } = diagnosis
  const { bold, dim, green, red, yellow } = colours
  const lines: string[] = []
  if (healthy)
    lines.push(
      slates > 0 ? green('Nothing is wrong.') : yellow('No slate was asked for while it looked: nothing to judge.'),
    )
  else lines.push(bold('What is wrong'))
  let told = ''
  for (const { say, since, suspects, latest } of findings) {
    lines.push(`  ${red('!')} ${say}, since ${moment(since)}`)
    if (latest?.why !== undefined) lines.push(dim(`      it says: ${latest.why}`))
    const shown = suspects.slice(0, SUSPECTS_SHOWN).map(({ at, say: change }) => `      ${moment(at)}  ${change}`)
    if (suspects.length > shown.length) shown.push(`      and ${suspects.length - shown.length} more (--json)`)
    const changed = shown.join('\n')
    if (changed !== told && changed !== '') lines.push(dim(changed)) // the same are not told again
    told = changed
  }
  if (layer) lines.push('', `${bold('Where')}: ${layers[layer]}`)
  lines.push('', bold('What changed in the last 24 hours'))
  for (const { at, say } of changes.slice(0, CHANGES_SHOWN)) lines.push(`  ${dim(moment(at))}  ${say}`)
  if (changes.length > CHANGES_SHOWN) lines.push(dim(`  and ${changes.length - CHANGES_SHOWN} more (--json)`))
  const unchanged = kinds.filter((kind) => changes.every((change) => change.kind !== kind))
  if (unchanged.length > 0) lines.push(dim(`  no change of: ${unchanged.join(', ')}`))
  if (advice) {
    lines.push('', `${bold('What to do')}: ${advice.action}`, `  ${advice.because}`)
    for (const step of advice.steps) lines.push(COMMAND.test(step) ? `  $ ${step}` : `  - ${step}`)
  }
  return lines.join('\n')
}
