import { p, rate, share, type Panel } from './panel.ts'

export const portfolio: readonly Panel[] = [
  {
    title: 'Share of what is shown',
    say: 'Of the items on slates, those that a source had proposed, alone or with others.',
    unit: 'percentunit',
    show: { '{{source}}': share(rate('sluice_source_served_total', 'source'), rate('sluice_source_served_total')) },
  },
  {
    title: 'Shown by it alone',
    say: 'Items that no other source had proposed, per second: what would be lost without it.',
    unit: 'reqps',
    show: { '{{source}}': rate('sluice_source_alone_total', 'source') },
  },
  {
    title: 'Click rate by source',
    say: 'Clicks over items shown.',
    unit: 'percentunit',
    show: {
      '{{source}}': `${rate('sluice_source_clicked_total', 'source')} / ${rate('sluice_source_served_total', 'source')}`,
    },
  },
  {
    title: 'Time',
    say: '99th percentile of one source in one slate.',
    unit: 's',
    show: { '{{source}}': p(0.99, 'sluice_source_duration_seconds', 'source') },
  },
  {
    title: 'Clicks per second of its time',
    say: 'What a source brings for what it costs. The least are candidates to be shed.',
    unit: 'none',
    show: {
      '{{source}}': `${rate('sluice_source_clicked_total', 'source')} / ${rate('sluice_source_duration_seconds_sum', 'source')}`,
    },
  },
  {
    title: 'Candidates',
    say: 'Proposed per slate.',
    unit: 'short',
    show: {
      '{{source}}': `${rate('sluice_source_candidates_total', 'source')} / ${rate('sluice_source_duration_seconds_count', 'source')}`,
    },
  },
  {
    title: 'Late, failed or skipped',
    say: 'As a share of the slates it was asked for.',
    unit: 'percentunit',
    show: {
      '{{source}} {{status}}': `${rate('sluice_source_faults_total', 'source, status')} / on(source) group_left() ${rate('sluice_source_duration_seconds_count', 'source')}`,
    },
  },
]
