/** Why a candidate left a request. A reason's code is its place here, from 1; 0 means it stayed. */
export const reasons = {
  deleted: 'is no longer in the catalogue',
  hidden: 'is hidden',
  unpublished: 'is not published yet',
  expired: 'has expired',
  'out-of-stock': 'is out of stock',
  policy: 'carries a policy flag that blocks it',
  'age-rating': 'is rated for older viewers',
  region: 'may not be shown in the viewer’s country',
  own: 'was made by the viewer',
  excluded: 'was excluded by the request',
  shown: 'was on an earlier page',
  context: 'is the item the slate follows',
  seen: 'was already seen by the viewer',
  dismissed: 'was waved away or reported by the viewer',
  rule: 'does not meet the filter of the request',
  'creator-cap': 'would exceed the creator’s share of the slate',
  'category-cap': 'would exceed the category’s share of the slate',
} as const
export type Reason = keyof typeof reasons

export const reasonNames = Object.keys(reasons) as Reason[]

/** The code of a reason: 1 and up. */
export function reasonCode(reason: Reason): number {
  return reasonNames.indexOf(reason) + 1
}

/** Reasons of the policy kind: they hold on every rung, and last of all. */
export const policyReasons: ReadonlySet<Reason> = new Set([
  'deleted',
  'hidden',
  'unpublished',
  'expired',
  'out-of-stock',
  'policy',
  'age-rating',
  'region',
])
