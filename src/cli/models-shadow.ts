import type { Command } from 'commander'
import type { ShadowReport, ShadowStatus } from '../app/index.ts'
import { loadConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { count, counted, percent } from './figures.ts'
import { configOption, dataOption, existingFolder, jsonOption } from './options.ts'

interface ShadowOptions {
  readonly data: string
  readonly config?: string
  readonly json?: boolean
  readonly off?: boolean
}

/** `sluice models shadow`: a version scores beside the live one and is shown to nobody. */
export function shadowCommand(models: Command, context: Context): void {
  const { terminal, rooms } = context
  models
    .command('shadow <model> [version]')
    .description('Have a version score beside the live one, shown to nobody: the latest, unless one is named.')
    .option('--off', 'end it')
    .addOption(dataOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A running server asks it within a second, after the answer of a share of the slates (ranking.shadowShare). How it compares: sluice status, sluice models show.

Example:
  $ sluice models shadow bst-isolated --data mine
  $ sluice models show bst-isolated 000007 --data mine
  $ sluice models shadow bst-isolated --off --data mine`,
    )
    .action(async (model: string, version: string | undefined, options: ShadowOptions) => {
      const { openRegistry, shadowModel, endShadow } = await rooms.app()
      const registry = openRegistry(existingFolder(terminal.folder, options.data))
      const tell = (value: object, text: string) => terminal.out(options.json ? JSON.stringify(value) : text)
      if (options.off) {
        const ended = endShadow(registry, model, version)
        return tell({ model, ended }, `${model} ${ended} is in the shadow no longer`)
      }
      const { config } = await loadConfig(terminal.folder, options.config)
      const report = await shadowModel(registry, config, model, version)
      tell(report, reportView(report))
    })
}

function reportView({ model, shadow, live, share }: ShadowReport): string {
  const beside = live === undefined ? 'the ranker set by hand, for no version is live' : live
  const asked = share > 0 ? `${percent(share)} of the slates` : 'no slate: ranking.shadowShare is 0'
  return `${model} ${shadow} is in the shadow of ${beside}: ${asked}. How they compare: sluice status`
}

/** How versions in the shadow compare, for the status. */
export function shadowsView(shadows: Readonly<Record<string, ShadowStatus>>): string {
  return Object.entries(shadows).map(shadowView).join('; ')
}

/** How the version in the shadow of one model compares. */
export function shadowView([model, { version, live, why, compared, skipped, failed, figures }]: [
  string,
  ShadowStatus,
]): string {
  if (why !== undefined) return `${model} ${version} cannot be asked: ${why}`
  const counts = [
    counted(compared, 'slate'),
    ...(skipped > 0 ? [`${count(skipped)} skipped`] : []),
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
  ].join(', ')
  if (!figures) return `${model} ${version}: ${counts}`
  const { overlap, kept, psi, ms } = figures
  const left = kept === undefined ? '' : `, first 20 of the fine rank kept ${percent(kept)}`
  const clicks = psi ? `, clicks PSI ${psi.value.toFixed(3)} (chance up to ${psi.noise.toFixed(3)})` : ''
  const times = `p50 ${ms.shadow.p50.toFixed(1)} ms (live ${ms.live.p50.toFixed(1)}), p99 ${ms.shadow.p99.toFixed(1)} ms (live ${ms.live.p99.toFixed(1)})`
  return `${model} ${version} beside ${live}: ${counts}; first 20 alike ${percent(overlap)}${left}${clicks}; ${times}`
}
