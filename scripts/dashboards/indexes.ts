import type { Panel } from './panel.ts'

export const indexes: readonly Panel[] = [
  {
    title: 'Recall',
    say: 'At 1000, against the exact answer, when it was validated: of what serves, and of the latest one, which may have been refused.',
    unit: 'percentunit',
    max: 1,
    show: { '{{which}} {{source}}': 'sluice_index_recall' },
  },
  {
    title: 'Asked in the shadow',
    say: 'Share of what live queries were served that the new index gave too, and how many were asked. From 0.85 on it may serve.',
    unit: 'none',
    show: {
      'overlap {{source}}': 'sluice_index_shadow_overlap',
      'queries {{source}}': 'sluice_index_shadow_queries',
    },
  },
  {
    title: 'Astray',
    say: 'Share of the vectors that lie in no cell: they came after the build. From 0.05 on the index is built anew.',
    unit: 'percentunit',
    show: { '{{source}}': 'sluice_index_astray' },
  },
  { title: 'Vectors', say: 'In the index that serves.', unit: 'short', show: { '{{source}}': 'sluice_index_size' } },
  {
    title: 'What serves',
    say: 'Version of the embeddings, and which index over them: 0 is exact search. A number that falls was a rollback.',
    unit: 'none',
    show: {
      'version {{source}}': 'sluice_index_version',
      'generation {{source}}': 'sluice_index_generation',
    },
  },
  {
    title: 'What became of indexes',
    say: 'Built, asked in the shadow, swapped in, refused, rolled back. A refusal names its reason in the log and in "sluice index show".',
    unit: 'short',
    show: { '{{what}} {{source}}': 'sum by (what, source) (increase(sluice_index_events_total[$__interval]))' },
  },
]
