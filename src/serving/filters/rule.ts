import { reasonCode } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import { type Filter, stays } from '../pipeline/index.ts'
import { compileRule } from './compile-rule.ts'

const REASON = reasonCode('rule')

/** Removes what does not meet the rule of the request. `prepare` throws ERR_RULE_INVALID for a rule without sense. */
export function ruleFilter(items: Items): Filter {
  return {
    name: 'rule',
    policy: false,
    prepare: ({ rule }) => {
      if (rule === undefined) return stays
      const meets = compileRule(rule, items)
      return (row) => (meets(row) ? 0 : REASON)
    },
  }
}
