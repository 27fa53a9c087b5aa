// Every option of Sluice, with what it does, its unit, its range and its default.
// This file is the manual, and it is made from the schema: nothing in it differs from the defaults.
//
// To change something, copy it to sluice.config.ts beside your data folder and keep only what differs:
//
//   import { defineConfig } from 'sluice'
//   export default defineConfig({ retrieval: { trendingHalfLifeHours: 3 } })
//
// `sluice config --check sluice.config.ts` says what is wrong with a file; `sluice config` prints what takes effect.
import { defineConfig } from 'sluice'

export default defineConfig({
  // What the platform is for.
  objective: {
    // The metric that decides: share of users who return within 28 days.
    primary: 'retention-28d',
    // Metrics that must not get worse by more than their margin. Each has:
    // - metric: Name of the metric.
    // - better: Which way is good. [higher | lower]
    // - margin: Relative change for the worse that is still accepted. [share, 0 to 1]
    guardrails: [
      { metric: 'watch-time', better: 'higher', margin: 0.01 },
      { metric: 'satisfaction', better: 'higher', margin: 0.005 },
      { metric: 'report-rate', better: 'lower', margin: 0.02 },
      { metric: 'creator-gini', better: 'lower', margin: 0.02 },
    ],
    // Willingness to trade: 0.5 % of the primary metric for 5 % of a guardrail.
    trade: {
      // Loss of the primary metric that may be paid ... [share, 0 to 1]
      primary: 0.005,
      // ... for a gain of a guardrail metric of at least this much. [share, 0 to 1]
      guardrail: 0.05,
    },
    // Worth of each predicted outcome to the primary metric.
    values: {
      // Worth of an expected click. [value, -100 to 100]
      click: 1,
      // Worth of an item watched to its end. [value, -100 to 100]
      watch: 2,
      // Worth of a viewer who is glad afterwards. [value, -100 to 100]
      satisfaction: 1.5,
      // Worth of a report (a loss). [value, -100 to 100]
      report: -20,
      // Worth of a viewer who begins another session within 7 days of the slate. For trained models only; it speaks
      // of the whole slate, so it tells items apart weakly. [value, -100 to 100]
      return: 0,
    },
  },

  // Surfaces by name.
  surfaces: {
    // Every option of a surface is written out here; the surfaces below hold what differs from this list.
    home: {
      // What a request must say: nothing, the item it follows, or a query. [nothing | item | query]
      needs: 'nothing',
      // Items on a slate when the request does not say. [items, 1 to 200]
      limit: 20,
      // Time for the whole slate; the profile in use may leave less. [ms, 1 to 60,000]
      budgetMs: 100,
      // Candidates after retrieval. [candidates, 1 to 100,000]
      retrieve: 1000,
      // Candidates after the coarse rank. [candidates, 1 to 10,000]
      rank: 200,
      // Sources by name. Each has:
      // - limit: Most candidates. [1 to 10,000]
      // - weight: Weight of its rank when candidates are cut and in the bootstrap score. [0 to 100]
      // - budgetMs: Its own time; default: that of the whole retrieval, see `budgets`. [0.1 to 10,000] May be left
      // out.
      sources: {
        sequence: { limit: 300, weight: 4 },
        'two-tower': { limit: 300, weight: 2 },
        slim: { limit: 300, weight: 3 },
        covisit: { limit: 300, weight: 1 },
        similar: { limit: 150, weight: 0.3 },
        followed: { limit: 100, weight: 0.8 },
        interests: { limit: 150, weight: 0.3 },
        trending: { limit: 150, weight: 0.3 },
        popular: { limit: 200, weight: 1 },
        fresh: { limit: 60, weight: 0.2 },
        pins: { limit: 10, weight: 0 },
      },
      // Items the viewer has consumed. [remove | keep]
      seen: 'remove',
      // How the slate is spread: DPP over a sliding window, MMR, or not at all. [dpp | mmr | none]
      diversity: 'dpp',
      // How much diversity may cost in score: 0 none, 1 all. [share, 0 to 1]
      diversityStrength: 0.05,
      // Latest picks that a new one is held against. [items, 1 to 200]
      diversityWindow: 10,
      // Most items of one creator in ten. [items, 1 to 10]
      creatorCap: 3,
      // Most items of one category in ten. [items, 1 to 10]
      categoryCap: 7,
      // Positions, from 0, that are given to fresh items by lot.
      explorationSlots: [5, 14],
      // Positions, from 0, for editorial pins.
      pinSlots: [2],
      // Longest scroll by cursor. [items, 1 to 2,000]
      pages: 500,
    },
    next: {
      needs: 'item',
      limit: 10,
      sources: {
        sequence: { limit: 200, weight: 3 },
        'two-tower': { limit: 200, weight: 1 },
        following: { limit: 200, weight: 3 },
        slim: { limit: 200, weight: 1.5 },
        covisit: { limit: 150, weight: 1 },
        similar: { limit: 200, weight: 1 },
        popular: { limit: 150, weight: 0.2 },
        fresh: { limit: 40, weight: 0.1 },
      },
      explorationSlots: [6],
    },
    search: {
      needs: 'query',
      sources: {
        lexical: { limit: 600, weight: 3 },
      },
      diversity: 'none',
      creatorCap: 10,
      categoryCap: 10,
    },
    continue: {
      limit: 10,
      sources: {
        resume: { limit: 50, weight: 1 },
        again: { limit: 50, weight: 0.4 },
      },
      seen: 'keep',
      diversity: 'none',
      creatorCap: 10,
      categoryCap: 10,
    },
  },

  // What may never be shown.
  policy: {
    // Items with one of these flags are on no slate.
    blockedFlags: ['blocked', 'removed', 'illegal'],
    // Age assumed for a viewer of unknown age. [years, 0 to 130]
    ageUnknown: 13,
    // May items that are limited to certain countries be shown to a viewer of unknown country? [true | false]
    countryUnknown: false,
  },

  // Where the time of a slate goes: the worksheet of the latency budget.
  budgets: {
    // The profile in use, by name; `sluice up --budget 50` picks the one of that many milliseconds. [name]
    profile: '100ms',
    // Profiles by name. Each has:
    // - budgetMs: Time for the whole slate; a surface with less of its own keeps that. [ms, 1 to 60,000]
    // - retrievalMs: All sources together. [ms, 0.1 to 60,000]
    // - coarseMs: The coarse rank. [ms, 0.1 to 60,000]
    // - featuresMs: The features of the candidates, read in one batch. [ms, 0.1 to 60,000]
    // - fineMs: The fine rank, or the degraded one in its place. [ms, 0.1 to 60,000]
    // - rerankMs: Diversity, caps, exploration and the last look at policy. [ms, 0.1 to 60,000]
    // - marginMs: Network, reading the request, writing the answer. [ms, 0 to 60,000]
    // - retrieve: Most candidates after retrieval, on any surface. [candidates, 1 to 100,000]
    // - rank: Most candidates after the coarse rank, on any surface. [candidates, 1 to 10,000]
    // - ranker: What ranks last: the fine model, or the one distilled from it. [fine | distilled]
    // - features: Where features are read: from the configured store, or always from this process.
    // [store | colocated]
    // - shed: Sources that are not asked, on surfaces that have others.
    // - shedBy: Which sources those are: the listed ones, or as many of those that brought the least clicks of
    // their own per millisecond, as soon as a thousand slates have told; looked at when the server starts.
    // [worth | list]
    profiles: {
      '100ms': {
        budgetMs: 100,
        retrievalMs: 15,
        coarseMs: 10,
        featuresMs: 25,
        fineMs: 20,
        rerankMs: 10,
        marginMs: 20,
        retrieve: 1000,
        rank: 200,
        ranker: 'fine',
        features: 'store',
        shed: [],
        shedBy: 'worth',
      },
      '50ms': {
        budgetMs: 50,
        retrievalMs: 10,
        coarseMs: 6,
        featuresMs: 8,
        fineMs: 8,
        rerankMs: 6,
        marginMs: 12,
        retrieve: 600,
        rank: 120,
        ranker: 'distilled',
        features: 'colocated',
        shed: ['similar', 'interests', 'trending'],
      },
    },
  },

  // What happens when parts fail or time is short.
  ladder: {
    // Slates that are made at once; more wait in order of arrival. On one thread they take time from each other, so
    // 1 unless features come from afar. [slates, 1 to 10,000]
    slatesAtOnce: 1,
    // Slates that may wait; more get the cheapest rung at once. [slates, 0 to 100,000]
    slatesWaiting: 256,
    // A wait that is still good. Longer ones, when they last, are a standing queue. [ms, 0.1 to 10,000]
    waitTargetMs: 20,
    // How long every wait must be above the target before the queue counts as standing, and below half of it before
    // it is over. [ms, 0 to 60,000]
    waitIntervalMs: 100,
    // May faults be injected at run time? For tests and game days; the environment variable SLUICE_FAULTS allows it
    // too. [true | false]
    faults: false,
    // Worth of the slates of each rung to the primary metric, as a share of the healthy ones: measured on a
    // simulated platform by sluice evaluate --rungs, which prints it for yours. An order gives way to what is ready
    // to be shown when that is worth more.
    quality: {
      // Every stage answered. [share, 0 to 1]
      full: 1,
      // A source or stage is missing. [share, 0 to 1]
      partial: 0.99,
      // Features are old. [share, 0 to 1]
      stale: 0.98,
      // The degraded model, with features. [share, 0 to 1]
      degraded: 0.89,
      // The coarse order. The coarse model reads features of the process, so it does not lack them. [share, 0 to 1]
      coarse: 0.95,
      // The order of retrieval. [share, 0 to 1]
      retrieval: 0.42,
      // The slate kept from before. [share, 0 to 1]
      cached: 0.95,
      // Popular in the country. [share, 0 to 1]
      popular: 0.75,
      // Swept from the catalogue. [share, 0 to 1]
      sweep: 0.75,
      // Nothing. [share, 0 to 1]
      empty: 0,
      // The same without online features, or without a group of them, where it is less.
      withoutFeatures: {
        // The fine model. [share, 0 to 1]
        partial: 0.78,
        // The degraded model. [share, 0 to 1]
        degraded: 0.79,
      },
      // The same when rules set by hand rank in the place of trained models, where it is less.
      byHand: {
        // The ranker set by hand, with features. [share, 0 to 1]
        degraded: 0.75,
        // The coarse order set by hand. [share, 0 to 1]
        coarse: 0.4,
      },
    },
  },

  // What happens to an event.
  events: {
    // Custom kinds of events by name. Each has:
    // - strength: How much one such event says about taste. [-10 to 10]
    // - consumes: Does it make the item seen? [true | false]
    kinds: {},
    // How far ahead of the server clock an event may be; it is then taken as happening now. [ms, 0 to 86,400,000]
    futureMs: 300_000,
    // How old a live event may be. Older ones are rejected: import them. [ms, 0 to 31,536,000,000]
    lateMs: 604_800_000,
    // An event about an item that is not in the catalogue: reject it, or add a bare item. [reject | create]
    unknownItems: 'reject',
    // How many of the latest event ids are remembered to tell duplicates. [ids, 1,000 to 100,000,000]
    duplicateWindow: 2_000_000,
    // Most events that may wait for the disk; more are refused with 503. [events, 100 to 10,000,000]
    pendingMax: 200_000,
    // Most names of attributes that all items have together: each is a column over the whole catalogue. An item
    // with a further one is refused. [names, 1 to 100,000]
    attributesMax: 256,
    // Size of one segment of the log. [bytes, 65,536 to 1,073,741,824]
    segmentBytes: 67_108_864,
    // Events older than this leave the log; the catalogue stays. [days, 1 to 100,000]
    retentionDays: 400,
    // Served slates older than this leave the served log. [days, 0.01 to 10,000]
    servedRetentionDays: 30,
    // Keep what was served, with candidates, scores, propensities and features. Training and explain need it.
    // [true | false]
    servedLog: true,
  },

  // Where online features are read from, and how long they are waited for.
  features: {
    // embedded: columns of this process. redis://HOST:PORT or redis+unix:///PATH: a store that this process
    // publishes to and reads from. [address]
    store: 'embedded',
    // How long a group of features is waited for; after that it is stale or missing. [ms, 0.1 to 10,000]
    deadlineMs: 10,
    // Deadlines of single groups (item, creator, category, user, session), in milliseconds.
    groupDeadlineMs: {},
    // Values from a store that are older count as stale. [ms, 100 to 86,400,000]
    freshMs: 180_000,
    // How often changed values are published to a store. [ms, 5 to 60,000]
    publishMs: 100,
    // Every value is published anew within this time, because windows and decay move on. [ms, 1,000 to 3,600,000]
    refreshMs: 60_000,
    // Latest values kept to answer with when a store is slow or down, items and users together.
    // [values, 0 to 50,000,000]
    staleValues: 100_000,
  },

  // Where candidates come from.
  retrieval: {
    // Latest consumed items of the viewer that sources start from. [items, 1 to 50]
    historyItems: 50,
    // Half-life of popularity. [hours, 0.1 to 100,000]
    popularHalfLifeHours: 168,
    // Half-life of a trend. [hours, 0.05 to 10,000]
    trendingHalfLifeHours: 6,
    // Popular and trending lists are made anew at most this often, and at least 15 times as rarely while events
    // come: in between when 5 % of what they rest on has changed. [ms, 0 to 600,000]
    listRefreshMs: 2000,
    // Neighbours kept per item by co-visitation. [items, 4 to 1,024]
    neighbours: 128,
    // Earlier items of the same viewer that one event is paired with. [items, 1 to 50]
    covisitSpan: 50,
    // Items, most consumed first, that the sparse linear model covers; 0 turns it off. [items, 0 to 65,000]
    slimItems: 6000,
    // Neighbours each item is regressed on. [items, 4 to 1,000]
    slimSupport: 120,
    // L2 penalty of the regression. [strength, 0.001 to 100,000]
    slimRidge: 100,
    // Least time between two builds of the model while events flow. [seconds, 1 to 1,000,000]
    slimRefreshSeconds: 300,
    // An item is fresh for this long after it was published or added. [days, 0.01 to 10,000]
    freshDays: 7,
    // ... and until it was shown this often. [impressions, 1 to 1,000,000]
    freshImpressions: 500,
    // The two towers that served before the ones in use stay at hand for so long, with their index, and a rollback
    // takes under a second. 0: they do not, and their memory is free. [hours, 0 to 168]
    towersBackHours: 24,
    // Editorial pins, first one first. Each has:
    // - item: Item to pin.
    // - surface: Only on this surface. May be left out.
    // - country: Only for viewers there. May be left out.
    // - from: From this moment on (ISO 8601). May be left out.
    // - until: Until this moment. May be left out.
    pins: [],
  },

  // Ranking: which trained models take which place, and the bootstrap ranker below them, set by hand.
  ranking: {
    // Model that cuts what was retrieved, or `bootstrap`. [model]
    coarse: 'coarse',
    // Model that gives the final scores, or `bootstrap`. [model]
    fine: 'bst-isolated',
    // Model that scores when groups of features are missing, or `bootstrap`. [model]
    degraded: 'degraded',
    // Scores that serve more than one request: of head queries and first pages, by viewers nobody knows. Filters
    // and exploration are never kept.
    scoreCache: {
      // Sets of scored candidates kept, about 80 KB each; 0 keeps none. Each is one surface with one query or item,
      // country, language and age. [sets, 0 to 100,000]
      entries: 256,
      // Age up to which they are used. What a stranger is shown then lags behind the events of others by so much.
      // [ms, 0 to 3,600,000]
      ageMs: 10_000,
    },
    // Share of the slates on which a version in the shadow scores what the live one scored, once the answer is out.
    // 0 asks it for none. It changes no slate. [share, 0 to 1]
    shadowShare: 0.05,
    // Weight of the prior in smoothed rates. [impressions, 1 to 100,000]
    priorImpressions: 50,
    // Click rate expected of an item nothing is known about. [rate, 0.0001 to 1]
    priorCtr: 0.05,
    // Share watched expected of an item nothing is known about. [share, 0.0001 to 1]
    priorCompletion: 0.4,
    // Weight of the sources’ ranks. [weight, 0 to 100]
    sourceWeight: 1,
    // Weight of click rate, completion and satisfaction. [weight, 0 to 100]
    qualityWeight: 0.35,
    // Weight of the viewer’s affinity to category and creator. [weight, 0 to 100]
    affinityWeight: 0.4,
    // Weight of popularity. [weight, 0 to 100]
    popularityWeight: 0.15,
    // Weight of recency. [weight, 0 to 100]
    freshnessWeight: 0.1,
    // Loss for each recent impression without a click. [weight, 0 to 100]
    fatigueWeight: 0.15,
  },

  // Training beside the server, in a process of its own at low priority.
  learning: {
    // Train on the events of the data folder while serving? [true | false]
    train: true,
    // A model is trained anew when its latest version is this old; 0: only models that were never trained.
    // [hours, 0 to 8,760]
    everyHours: 24,
    // What is trained, in this order: teachers before those they teach. Empty: the models that have a place in
    // serving.
    models: [],
    // Settings by model, as `sluice train --set` names them: what every training of it goes by. `--set` counts
    // more.
    settings: {},
    // Threads that share each step of a training: faster, equal but for rounding. Other numbers, other last digits.
    // [threads, 1 to 64]
    threads: 1,
    // Where trainings compute: the processor, or a graphics card where onnxruntime-node has the files for it.
    // [cpu | cuda]
    provider: 'cpu',
    // Training that goes on with the stream, beside the server in a process of its own: see `sluice learn`.
    online: {
      // The live model that goes on learning: a ranking model, or the two towers.
      // [none | wdl | din | bst | bst-isolated | dlrm | degraded | two-tower]
      model: 'none',
      // Between two updates that the server takes. [seconds, 1 to 86,400]
      everySeconds: 60,
      // How long an outcome may follow its impression; two towers ask for none. [seconds, 1 to 86,400]
      windowSeconds: 600,
      // Between two versions to which a rollback goes. [minutes, 0 to 10,080]
      snapshotMinutes: 60,
      // Embeddings of ids that no request showed for so long go with each version, and their memory is used again;
      // 0: never. [days, 0 to 3,650]
      forgetDays: 90,
    },
    // Join what was served into training: features as they were scored, near misses, propensities? Without: read
    // again from the events. [true | false]
    served: true,
    // What retrieval models learn each consumed item against.
    negatives: {
      // Two towers: the other items of the batch? [true | false]
      inBatch: true,
      // Two towers: items drawn evenly from the catalogue. [per consumed item, 0 to 8]
      uniform: 1,
      // Two towers, near misses: items that the slate it was consumed from ranked and did not show. None without a
      // served log. [per consumed item, 0 to 4]
      hard: 0.5,
      // Sequence model: near misses beside the 1024 even draws of a step; up to 12,000 items, all are learnt
      // against anyway. [items per step, at most, 0 to 4,096]
      sequenceHard: 0,
    },
    // Ranking models: an impression with a logged propensity weighs 1 / propensity, at most this. 1: all weigh
    // alike. [weight, 1 to 100]
    inverseWeightMax: 1,
    // What a trained model has to hold before it takes over. Agreement of training and serving is no choice: 1e-5.
    gates: {
      // Features that moved since (PSI from 0.25 on). [share of features, 0 to 1]
      driftShareMax: 0.05,
      // How much worse than what serves the bad end of the interval may be; of a version trained anew, its mean,
      // where it is not surely worse. [units of the metric, 0 to 1]
      offlineMargin: 0.005,
      // How far probabilities may be from what happened, on average, as far as it is sure: at the good end of the
      // interval. [probability, 0 to 1]
      eceMax: 0.02,
      // The same where non-clicks were drawn, as for an import of ratings: a probability then says how the draw
      // came out. [probability, 0 to 1]
      eceMaxDrawn: 0.05,
      // Processor time of scoring a request, 99 of 100. Raise it on a slower machine, and budgets.fineMs with it.
      // [milliseconds, 0.1 to 10,000]
      latencyMsMax: 10,
    },
    // Events below which nothing is trained by itself. [events, 0 to 1,000,000,000]
    eventsMin: 50_000,
  },

  // Why an item is shown, as a viewer reads it: the `reason` of each item of a slate.
  sentences: {
    // With the name of what the reason is about, in place of {item}, {creator} or {query}.
    named: {
      // It goes with what the viewer consumed: {item}.
      taste: 'Because you watched {item}',
      // It is like what the viewer consumed: {item}.
      alike: 'Similar to {item}',
      // It often follows the item at hand: {item}.
      after: 'Often watched after {item}',
      // The viewer follows its creator: {creator}.
      creator: 'From {creator}, whom you follow',
      // Its words match the search: {query}.
      match: 'Matches "{query}"',
    },
    // Without a name: where none is known, and for reasons that have none.
    plain: {
      // It goes with what the viewer consumed.
      taste: 'Because of what you watched',
      // It is like what the viewer consumed.
      alike: 'Similar to what you watched',
      // It often follows another item.
      after: 'Often watched next',
      // The viewer follows its creator.
      creator: 'From a creator you follow',
      // It is of a category the viewer likes.
      interest: 'From a category you like',
      // It gets more attention than it used to.
      trending: 'Trending now',
      // Many consume it.
      popular: 'Popular now',
      // It is new.
      fresh: 'New here',
      // It is pinned.
      editorial: 'Picked by the editors',
      // Its words match the search.
      match: 'Matches your search',
      // The viewer began it and did not finish.
      resume: 'Continue where you stopped',
      // The viewer loved it a while ago.
      again: 'Worth watching again',
      // Any other reason.
      recommended: 'Recommended',
    },
    // The same by language of the viewer (`context.language`, else the profile), such as de; de-AT is found under
    // de too. Each has:
    // - named: As `named`; what is left out stays. May be left out.
    // - plain: As `plain`; what is left out stays. May be left out.
    languages: {},
  },

  // The HTTP server.
  server: {
    // Address to listen on; 0.0.0.0 for every network. [address]
    host: '127.0.0.1',
    // Port to listen on; 0 for any free one. The environment variable PORT goes before it. [port, 0 to 65,535]
    port: 8787,
    // Largest request body. [bytes, 1,024 to 1,073,741,824]
    bodyBytesMax: 4_194_304,
    // Largest body of a bulk upload (JSON lines). [bytes, 1,024 to 4,294,967,296]
    bulkBytesMax: 268_435_456,
    // Most events in one request. [events, 1 to 100,000]
    eventsMax: 5000,
    // Requests one client address may send in a minute; 0 for no limit. [requests, 0 to 10,000,000]
    requestsPerMinute: 0,
    // Keys that clients must send. None: the server is open, and listens on this machine only. Each has:
    // - key: The secret.
    // - rights: read: slates, items, metrics; write: events, items, users; admin: explanations, portfolio, status,
    // faults, event tail, exports, reading and erasing users. [read | write | admin]
    apiKeys: [],
    // Origins whose pages may ask from a browser (CORS), such as https://www.example.com.
    origins: [],
    // Threads that make slates beside the one that takes requests and events, over the same memory; 0: that one
    // makes them too. [threads, 0 to 16]
    workers: 0,
    // Longest wait for running requests when stopping. [ms, 0 to 60,000]
    drainMs: 5000,
    // OpenTelemetry traces: a span per request and, of a slate, per stage.
    traces: {
      // Where spans are sent by OTLP over HTTP, such as http://localhost:4318/v1/traces; empty for nowhere.
      // [address]
      url: '',
      // Share of the requests that are traced; one that comes with a traceparent follows its decision.
      // [share, 0 to 1]
      sampleShare: 0.01,
      // Name of the service. [name]
      service: 'sluice',
    },
    // Least level of the log lines on standard error. [debug | info | warn | error | silent]
    log: 'warn',
  },
})
