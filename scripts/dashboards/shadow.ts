import { p, rate, type Panel } from './panel.ts'

/** Only while a version is there: a gauge keeps its last value. */
const held = (name: string) => `${name} and on (model) sluice_shadow_version > 0`

export const shadow: readonly Panel[] = [
  {
    title: 'In the shadow',
    say: 'Version that is asked beside the live one, which answers. 0: none, or it was refused: the log and "sluice status" say why.',
    unit: 'none',
    show: { '{{model}}': 'sluice_shadow_version' },
  },
  {
    title: 'First 20 alike',
    say: 'Share of the first 20 of the live order that are among the first 20 of the shadow’s, over the latest slates.',
    unit: 'percentunit',
    max: 1,
    show: { '{{model}}': held('sluice_shadow_overlap') },
  },
  {
    title: 'Kept by the coarse rank',
    say: 'Share of the first 20 of the fine rank that the coarse version in the shadow would not have cut, over the latest slates. What it alone would have kept was ranked by nobody.',
    unit: 'percentunit',
    max: 1,
    show: { '{{model}}': held('sluice_shadow_kept') },
  },
  {
    title: 'Click scores',
    say: 'PSI of the probabilities of a click over the same candidates: below 0.1 alike, from 0.25 on otherwise.',
    unit: 'none',
    show: { '{{model}}': held('sluice_shadow_click_psi') },
  },
  {
    title: 'Median time',
    say: 'To score the candidates of one slate, by whom.',
    unit: 's',
    show: { '{{by}} {{model}}': p(0.5, 'sluice_shadow_score_seconds', 'by, model') },
  },
  {
    title: '99th percentile of the time',
    say: 'To score the candidates of one slate, by whom. The shadow is not waited for; what it takes is the processor’s.',
    unit: 's',
    show: { '{{by}} {{model}}': p(0.99, 'sluice_shadow_score_seconds', 'by, model') },
  },
  {
    title: 'Slates of the share',
    say: 'Compared, skipped because one was being scored, or failed. Per second.',
    unit: 'reqps',
    show: {
      '{{result}} {{model}}': rate('sluice_shadow_slates_total', 'result, model'),
    },
  },
  {
    title: 'Slates in the figures',
    say: 'Overlap and click scores are of so many; 500 at most. Another version on either side begins anew.',
    unit: 'short',
    show: { '{{model}}': held('sluice_shadow_window_slates') },
  },
]
