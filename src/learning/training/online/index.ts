import { join } from 'node:path'

export { readUpdate, writeUpdate } from '../../embeddings/index.ts'
export { type OnlineTask, OnlineTrainer } from './online-trainer.ts'
export { Holdout } from './holdout.ts'
export { HOLDOUT_LEAST, LOSS_MARGIN, type Offer, type OnlineOptions, OnlineRanker } from './online-ranker.ts'
export { isTrainable, readTrainable, type Trainable, writeTrainable } from './trainable.ts'

/** Where the latest update of a model lies in a folder of models: servers look for it there. */
export const updatePath = (models: string, model: string): string => join(models, model, 'online.update')
