import type { Command } from 'commander'
import type { Context } from './context.ts'
import { planBudget } from './plan/budget.ts'
import { planCapacity } from './plan/capacity.ts'
import { planDecide } from './plan/decide.ts'

/** `sluice plan capacity|budget|decide`: how many machines, how much time per layer, which configuration. */
export function planCommand(program: Command, context: Context): void {
  const plan = program.command('plan').description('Plan a platform: machines, latency budget, configuration.')
  planCapacity(plan, context)
  planBudget(plan, context)
  planDecide(plan, context)
}
