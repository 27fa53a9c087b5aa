import Type from 'typebox'
import { onlineModels, trainable } from '../models.ts'
import { amount, choice, flag, group, table, whole } from './knobs.ts'

const SettingValue = Type.Union([
  Type.Number(),
  Type.String(),
  Type.Boolean(),
  Type.Array(Type.Number(), { minItems: 1 }),
])

export const LearningConfig = group('Training beside the server, in a process of its own at low priority.', {
  train: flag('Train on the events of the data folder while serving?', true),
  everyHours: amount(
    'A model is trained anew when its latest version is this old; 0: only models that were never trained.',
    'hours',
    24,
    0,
    8760,
  ),
  models: Type.Array(Type.Enum(trainable), {
    description:
      'What is trained, in this order: teachers before those they teach. Empty: the models that have a place in serving.',
    default: [],
  }),
  settings: table(
    'Settings by model, as `sluice train --set` names them: what every training of it goes by. `--set` counts more.',
    table('Values by name.', SettingValue, {}),
    {},
  ),
  threads: whole(
    'Threads that share each step of a training: faster, equal but for rounding. Other numbers, other last digits.',
    'threads',
    1,
    1,
    64,
  ),
  provider: choice(
    'Where trainings compute: the processor, or a graphics card where onnxruntime-node has the files for it.',
    'cpu',
    ['cpu', 'cuda'],
  ),
  online: group(
    'Training that goes on with the stream, beside the server in a process of its own: see `sluice learn`.',
    {
      model: choice('The live model that goes on learning: a ranking model, or the two towers.', 'none', [
        'none',
        ...onlineModels,
      ]),
      everySeconds: amount('Between two updates that the server takes.', 'seconds', 60, 1, 86_400),
      windowSeconds: amount(
        'How long an outcome may follow its impression; two towers ask for none.',
        'seconds',
        600,
        1,
        86_400,
      ),
      snapshotMinutes: whole('Between two versions to which a rollback goes.', 'minutes', 60, 0, 10_080),
      forgetDays: amount(
        'Embeddings of ids that no request showed for so long go with each version, and their memory is used again; 0: never.',
        'days',
        90,
        0,
        3650,
      ),
    },
  ),
  served: flag(
    'Join what was served into training: features as they were scored, near misses, propensities? Without: read again from the events.',
    true,
  ),
  negatives: group('What retrieval models learn each consumed item against.', {
    inBatch: flag('Two towers: the other items of the batch?', true),
    uniform: amount('Two towers: items drawn evenly from the catalogue.', 'per consumed item', 1, 0, 8),
    hard: amount(
      'Two towers, near misses: items that the slate it was consumed from ranked and did not show. None without a served log.',
      'per consumed item',
      0.5,
      0,
      4,
    ),
    sequenceHard: whole(
      'Sequence model: near misses beside the 1024 even draws of a step; up to 12,000 items, all are learnt against anyway.',
      'items per step, at most',
      0,
      0,
      4096,
    ),
  }),
  inverseWeightMax: amount(
    'Ranking models: an impression with a logged propensity weighs 1 / propensity, at most this. 1: all weigh alike.',
    'weight',
    1,
    1,
    100,
  ),
  gates: group(
    'What a trained model has to hold before it takes over. Agreement of training and serving is no choice: 1e-5.',
    {
      driftShareMax: amount('Features that moved since (PSI from 0.25 on).', 'share of features', 0.05, 0, 1),
      offlineMargin: amount(
        'How much worse than what serves the bad end of the interval may be; of a version trained anew, its mean, where it is not surely worse.',
        'units of the metric',
        0.005,
        0,
        1,
      ),
      eceMax: amount(
        'How far probabilities may be from what happened, on average, as far as it is sure: at the good end of the interval.',
        'probability',
        0.02,
        0,
        1,
      ),
      eceMaxDrawn: amount(
        'The same where non-clicks were drawn, as for an import of ratings: a probability then says how the draw came out.',
        'probability',
        0.05,
        0,
        1,
      ),
      latencyMsMax: amount(
        'Processor time of scoring a request, 99 of 100. Raise it on a slower machine, and budgets.fineMs with it.',
        'milliseconds',
        10,
        0.1,
        10_000,
      ),
    },
  ),
  eventsMin: whole('Events below which nothing is trained by itself.', 'events', 50_000, 0, 1_000_000_000),
})
