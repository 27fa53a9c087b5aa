export { type OnlineTask, OnlineTrainer } from './online-trainer.ts'
export { Holdout } from './holdout.ts'
export { HOLDOUT_LEAST, LOSS_MARGIN, type Offer, type OnlineOptions, OnlineRanker } from './online-ranker.ts'
export { isTrainable, readTrainable, type Trainable, writeTrainable } from './trainable.ts'
