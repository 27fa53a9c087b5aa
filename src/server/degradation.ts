import { faults } from '../app/index.ts'
import { rungs } from '../domain/index.ts'

const HEAD = `# Degradation

Made from the tables of faults and rungs by \`npm run docs\`; do not edit. What they mean and how to try them: [the guide](../guide/degradation.md).
`

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`

/** The text of docs/reference/degradation.md: the rungs, and what is designed to happen for every failure. */
export function degradation(): string {
  return [
    HEAD,
    '## Rungs, best first\n',
    row('rung', 'what the viewer gets'),
    '|---|---|',
    ...Object.entries(rungs).map(([rung, say]) => row(`\`${rung}\``, say)),
    '\n## Failures\n',
    row('fault', 'what happens', 'response', 'lowest rung by itself', 'recovers'),
    '|---|---|---|---|---|',
    ...Object.entries(faults).map(([fault, { say, response, rung, recovers }]) =>
      row(`\`${fault}\``, say, response, `\`${rung}\``, recovers),
    ),
    '',
  ].join('\n')
}
