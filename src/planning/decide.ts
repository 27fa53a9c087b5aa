import { completeConfig, type ConfigInput } from '../domain/index.ts'

/** One branch of the tree: a question, and for each answer what it sets and why. */
export interface Question {
  readonly ask: string
  readonly answers: Readonly<Record<string, Answer>>
}

export interface Answer {
  readonly say: string
  /** Options that follow, by path, each with its reason. */
  readonly set: readonly Setting[]
  /** What no option can do. */
  readonly advice: readonly string[]
}

export interface Setting {
  readonly option: string
  readonly value: unknown
  readonly why: string
}

const set = (option: string, value: unknown, why: string): Setting => ({ option, value, why })

/** The five questions that shape a platform, in the order in which they rule things out. */
export const questions = {
  freshness: {
    ask: 'How soon must what a viewer just did change what they see next?',
    answers: {
      session: {
        say: 'within the session, on the next slate',
        set: [
          set(
            'retrieval.listRefreshMs',
            2000,
            'lists follow the stream; more often costs more than it shows at a million items',
          ),
          set('retrieval.trendingHalfLifeHours', 6, 'a trend is of today'),
          set('retrieval.slimRefreshSeconds', 300, 'the linear model learns within minutes'),
        ],
        advice: [
          'Send events one by one as they happen, not in batches of minutes: the next slate can only know what arrived.',
        ],
      },
      hours: {
        say: 'within hours',
        set: [
          set('retrieval.listRefreshMs', 10_000, 'lists need not follow every event'),
          set('retrieval.trendingHalfLifeHours', 12, 'half a day is a trend'),
          set('retrieval.slimRefreshSeconds', 3600, 'a build an hour leaves the core to requests'),
        ],
        advice: [],
      },
      daily: {
        say: 'from one day to the next',
        set: [
          set('retrieval.listRefreshMs', 60_000, 'lists change once a minute at most'),
          set('retrieval.trendingHalfLifeHours', 48, 'trends over days'),
          set('retrieval.slimRefreshSeconds', 86_400, 'one build a day'),
        ],
        advice: [
          'Slates could be computed ahead at this pace; serving them live still filters what was seen or withdrawn.',
        ],
      },
    },
  },
  cold: {
    ask: 'How many requests come from viewers, or are best met by items, that little is known about?',
    answers: {
      few: {
        say: 'few: most viewers have a history, and the catalogue is settled',
        set: [
          set('retrieval.freshDays', 3, 'new items need little help'),
          set('surfaces.home.explorationSlots', [9], 'one place in twenty is enough to learn'),
        ],
        advice: [],
      },
      many: {
        say: 'many: new viewers or new items every day',
        set: [
          set('retrieval.freshDays', 7, 'a week to be noticed'),
          set('retrieval.freshImpressions', 500, 'enough impressions to tell a click rate of 5 % within 1 %'),
          set('surfaces.home.explorationSlots', [5, 14], 'two places in twenty for items without a history'),
        ],
        advice: ['Send tags, categories and creators with every item: without a history they are all that is known.'],
      },
      most: {
        say: 'most: a market just opened, or a feed of news',
        set: [
          set('retrieval.freshDays', 2, 'news is old after two days'),
          set('retrieval.freshImpressions', 2000, 'most of the catalogue is being tried'),
          set('retrieval.popularHalfLifeHours', 24, 'popularity of yesterday, not of last month'),
          set('surfaces.home.explorationSlots', [2, 5, 9, 14], 'four places in twenty for items without a history'),
        ],
        advice: [
          'Ask new viewers for a few interests and send them with the user: the source "interests" starts from them.',
          'Start with the bootstrap ranker; train once a few ten thousand impressions are logged.',
        ],
      },
    },
  },
  experiments: {
    ask: 'How do you decide that a change is better?',
    answers: {
      none: {
        say: 'there is no way to compare yet',
        set: [
          set('events.servedLog', true, 'propensities logged now are the experiment you can still do later'),
          set('events.servedRetentionDays', 90, 'a quarter of logs to judge from'),
        ],
        advice: [
          'Without experiments, change one thing at a time and judge offline by time split (sluice evaluate) before it is served.',
          'Keep the exploration slots: they are the only unbiased data you have.',
        ],
      },
      offline: {
        say: 'by replaying logs',
        set: [
          set('events.servedLog', true, 'off-policy estimates need candidates, scores and propensities'),
          set('events.servedRetentionDays', 60, 'two months cover a season of habits'),
        ],
        advice: ['An estimate holds only where the logging policy explored: look at the effective sample size first.'],
      },
      online: {
        say: 'by experiments on live traffic',
        set: [
          set('events.servedLog', true, 'slates must be joined with their outcomes'),
          set('events.servedRetentionDays', 30, 'longer than an experiment runs'),
        ],
        advice: [
          'Split viewers over two servers, each with a configuration of its own; events name their slate, so each is joined with what made it. Hold the objective’s guardrails, not clicks, against the difference.',
        ],
      },
    },
  },
  slate: {
    ask: 'What does a viewer see at once?',
    answers: {
      feed: {
        say: 'an endless feed',
        set: [
          set('surfaces.home.limit', 20, 'a page ahead of the thumb'),
          set('surfaces.home.pages', 500, 'as long as they scroll'),
          set('surfaces.home.diversity', 'dpp', 'neighbours in a feed tire together'),
        ],
        advice: [],
      },
      row: {
        say: 'a row or grid of a dozen',
        set: [
          set('surfaces.home.limit', 12, 'what one screen shows'),
          set('surfaces.home.pages', 48, 'four screens'),
          set('surfaces.home.diversity', 'dpp', 'a row is judged as a whole'),
          set('surfaces.home.creatorCap', 2, 'two of a creator in ten at most'),
          set('surfaces.home.explorationSlots', [7], 'one place of twelve'),
        ],
        advice: [],
      },
      single: {
        say: 'one item at a time',
        set: [
          set('surfaces.home.limit', 3, 'one to play, two to fetch ahead'),
          set('surfaces.home.pages', 500, 'as long as they stay'),
          set('surfaces.home.diversity', 'mmr', 'each against those just played'),
          set('surfaces.home.explorationSlots', [2], 'the third place tries something'),
        ],
        advice: ['Ask again after every item with its events sent: at one item a slate the session is the ranking.'],
      },
    },
  },
  outage: {
    ask: 'What may happen when a part fails?',
    answers: {
      degrade: {
        say: 'poorer slates, never none',
        set: [
          set('budgets.profile', '100ms', 'late stages hand on what they have, slow sources are left out'),
          set('objective.trade.primary', 0.005, 'half a percent of the goal may be paid to stay within the budget'),
        ],
        advice: ['Run two processes on two machines behind a balancer that asks /ready; each has its own data folder.'],
      },
      tight: {
        say: 'slates must come within 50 ms whatever happens',
        set: [
          set('budgets.profile', '50ms', 'half the time: 120 candidates, the distilled ranker, fewer sources'),
          set('objective.trade.primary', 0.01, 'a percent of the goal may be paid for it'),
        ],
        advice: ['Look at `sluice plan budget` against your own server before you promise it.'],
      },
      wait: {
        say: 'waiting a moment is better than a poor slate',
        set: [
          set('surfaces.home.budgetMs', 300, 'three times the usual time'),
          set('budgets.profile', 'patient', 'a worksheet of its own'),
          set('budgets.profiles.patient.budgetMs', 300, 'the same for every surface that takes it'),
          set('budgets.profiles.patient.retrievalMs', 50, 'slow sources are waited for'),
          set('objective.trade.primary', 0, 'nothing of the goal is paid for speed'),
        ],
        advice: [],
      },
    },
  },
} as const satisfies Record<string, Question>

export type QuestionName = keyof typeof questions
export const questionNames = Object.keys(questions) as QuestionName[]
export type Answers = Readonly<Record<QuestionName, string>>

export interface Decision {
  readonly answers: Answers
  readonly config: ConfigInput
  readonly settings: readonly Setting[]
  readonly advice: readonly string[]
}

/**
 * What five answers come to. A later question may set again what an earlier one did.
 * @throws RangeError for an answer that is none; SluiceError ERR_CONFIG_INVALID should the result be no configuration
 */
export function decide(answers: Answers): Decision {
  const settings = new Map<string, Setting>()
  const advice: string[] = []
  for (const name of questionNames) {
    const { answers: known } = questions[name] as Question
    const answer = Object.hasOwn(known, answers[name]) ? known[answers[name]] : undefined
    if (!answer)
      throw new RangeError(`Cannot decide ${name} by "${answers[name]}": it is ${Object.keys(known).join(', ')}`)
    for (const setting of answer.set) {
      settings.delete(setting.option)
      settings.set(setting.option, setting)
    }
    advice.push(...answer.advice)
  }
  const config: Record<string, unknown> = {}
  for (const { option, value } of settings.values()) place(config, option.split('.'), value)
  completeConfig(config as ConfigInput)
  return { answers, config: config as ConfigInput, settings: [...settings.values()], advice }
}

function place(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path
  if (rest.length === 0) into[name] = value
  else place((into[name] ??= {}) as Record<string, unknown>, rest, value)
}
