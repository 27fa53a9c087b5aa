import { p, rate, stages, http, type Panel } from './panel.ts'

export const layers: readonly Panel[] = [
  {
    title: '99th percentile by stage',
    say: 'All surfaces, and the budgets that the profile in use gives the stages.',
    unit: 's',
    show: {
      '{{stage}}': p(0.99, stages, 'stage'),
      'budget {{stage}}': 'max by (stage) (sluice_budget_seconds{stage!="slate"})',
    },
  },
  { title: 'Median by stage', say: 'All surfaces.', unit: 's', show: { '{{stage}}': p(0.5, stages, 'stage') } },
  {
    title: '99th percentile by surface and stage',
    say: 'Where one surface differs from the others.',
    unit: 's',
    show: { '{{surface}} {{stage}}': p(0.99, stages, 'surface, stage') },
  },
  {
    title: 'Time by stage',
    say: 'Seconds per second: how many cores each stage keeps busy, roughly.',
    unit: 'short',
    show: { '{{stage}}': rate(`${stages}_sum`, 'stage') },
  },
  {
    title: 'Funnel',
    say: 'Candidates that each stage hands on, mean per slate.',
    unit: 'short',
    show: { '{{stage}}': `${rate('sluice_stage_candidates_total', 'stage')} / ${rate(`${stages}_count`, 'stage')}` },
  },
  {
    title: 'Stages late, failed or skipped',
    say: 'Per second.',
    unit: 'reqps',
    show: { '{{stage}} {{status}}': rate('sluice_stage_faults_total', 'stage, status') },
  },
  {
    title: 'Removals',
    say: 'Candidates removed per second, by reason.',
    unit: 'reqps',
    show: { '{{reason}}': rate('sluice_removals_total', 'reason') },
  },
  {
    title: 'Kept scores',
    say: 'Slates per second whose scores may serve others, by whether they were kept.',
    unit: 'reqps',
    show: { '{{result}}': rate('sluice_score_cache_total', 'result') },
  },
  {
    title: 'HTTP by route',
    say: '99th percentile from arrival to the end of the answer.',
    unit: 's',
    show: { '{{route}}': p(0.99, http, 'route') },
  },
]
