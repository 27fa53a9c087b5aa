import { type Config, planned, profileOf } from '../../domain/index.ts'

/** What each layer may take, in milliseconds: a surface by its name, its stages as `home/retrieve`. */
export function budgetsOf(config: Config): Record<string, number> {
  const profile = profileOf(config)
  const budgets: Record<string, number> = {}
  for (const [surface, { budgetMs }] of Object.entries(planned(config).surfaces)) {
    const scale = Math.min(1, budgetMs / profile.budgetMs)
    budgets[surface] = budgetMs
    budgets[`${surface}/retrieve`] = scale * profile.retrievalMs
    budgets[`${surface}/coarse`] = scale * profile.coarseMs
    budgets[`${surface}/features`] = scale * profile.featuresMs
    budgets[`${surface}/fine`] = scale * profile.fineMs
    budgets[`${surface}/rerank`] = scale * profile.rerankMs
  }
  return budgets
}
