/** A panel of a dashboard, as data. */
export interface Panel {
  readonly title: string
  /** What a reader should take from it. */
  readonly say: string
  readonly unit: 's' | 'percentunit' | 'reqps' | 'short' | 'bytes' | 'none'
  /** PromQL by the legend it is shown with. */
  readonly show: Readonly<Record<string, string>>
  readonly max?: number
}

export const p = (q: number, name: string, by: string) =>
  `histogram_quantile(${q}, sum by (le, ${by}) (rate(${name}_bucket[$__rate_interval])))`
export const rate = (name: string, by?: string) => `sum${by ? ` by (${by})` : ''} (rate(${name}[$__rate_interval]))`
/** A part as a share of the whole, by a label of the part. */
export const share = (part: string, whole: string) => `${part} / on() group_left() ${whole}`

export const slates = 'sluice_slate_duration_seconds'
export const stages = 'sluice_stage_duration_seconds'
export const http = 'sluice_http_request_duration_seconds'
