import { join } from 'node:path'

export { readUpdate, writeUpdate } from '../../embeddings/index.ts'
export { type OnlineLearner, type OnlineTask, OnlineTrainer, type SampleFeed } from './online-trainer.ts'
export { consumptionFeed, rankingFeed } from './feeds.ts'
export { Holdout } from './holdout.ts'
export { LOSS_MARGIN, type Offer } from './offer.ts'
export { HOLDOUT_LEAST, type OnlineOptions, OnlineRanker } from './online-ranker.ts'
export { OnlineTowers, type OnlineTowersOptions, type TowersGround } from './online-towers.ts'
export { isTrainable, readTrainable, readTrainableTowers, type Trainable, writeTrainable } from './trainable.ts'

/** Where the latest update of a model lies in a folder of models: servers look for it there. */
export const updatePath = (models: string, model: string): string => join(models, model, 'online.update')
