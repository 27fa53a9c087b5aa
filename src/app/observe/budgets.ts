import type { Config } from '../../domain/index.ts'

/** What each layer may take, in milliseconds: a surface by its name, its stages as `home/retrieve`. */
export function budgetsOf({ surfaces }: Pick<Config, 'surfaces'>): Record<string, number> {
  const budgets: Record<string, number> = {}
  for (const [surface, { budgetMs, retrievalMs }] of Object.entries(surfaces)) {
    budgets[surface] = budgetMs
    budgets[`${surface}/retrieve`] = retrievalMs
  }
  return budgets
}
