/** Those of models: their files, samples, runs, versions and indexes. Part of the table `errors`. */
export const modelErrors = {
  ERR_MODEL_INVALID: {
    status: 500,
    say: (name: string, why: string) =>
      `Cannot load the model "${name}": ${why}. Restore its file from the registry, or train it again`,
  },
  ERR_PROVIDER: {
    status: 501,
    say: (provider: string, why: string) =>
      `Cannot compute on "${provider}": ${why}. Install the runtime's files for it (npm rebuild onnxruntime-node, on a machine with the card and its libraries), or set learning.provider to "cpu"`,
  },
  ERR_MODEL_RUN: { status: 500, say: (name: string, why: string) => `Cannot run the model "${name}": ${why}` },
  ERR_SWEEP_SPACE: { status: 400, say: (what: string, why: string) => `Cannot set ${what}: ${why}` },
  ERR_RUN_UNKNOWN: {
    status: 404,
    say: (run: string, known: string) => `Cannot find the run ${run}: there are ${known}`,
  },
  ERR_SAMPLES_INVALID: {
    status: 422,
    say: (why: string) => `Cannot train on these samples: ${why}`,
  },
  ERR_DUCKDB_MISSING: {
    status: 501,
    say: (why: string) =>
      `Cannot read or write Parquet samples without DuckDB: ${why}. Add it: npm install @duckdb/node-api@1.5.6-r.1`,
  },
  ERR_SAMPLES_FILE: {
    status: 500,
    say: (path: string, why: string) =>
      `Cannot read the samples in ${path}: ${why}. Mend them, or build them anew from the journal: sluice samples export`,
  },
  ERR_MODEL_UNKNOWN: {
    status: 404,
    say: (model: string, known: string) => `Cannot find model ${model}: the registry has ${known}`,
  },
  ERR_MODEL_MANIFEST: {
    status: 500,
    say: (model: string, why: string) =>
      `Cannot use model ${model}: its manifest ${why}. Train it again, or roll back to an older version`,
  },
  ERR_MODEL_HASH: {
    status: 500,
    say: (model: string, file: string, why: string) =>
      `Cannot use model ${model}: its file ${file} ${why}. Restore it from a backup, or roll back to an older version`,
  },
  ERR_MODEL_FEATURES: {
    status: 409,
    say: (model: string, trained: string, serving: string) =>
      `Cannot use model ${model}: it was trained on features ${trained} and ${serving} are served. Train it again`,
  },
  ERR_MODEL_GATE: {
    status: 409,
    say: (model: string, why: string) => `Cannot promote model ${model}: ${why}`,
  },
  ERR_MODEL_STATE: {
    status: 409,
    say: (action: string, model: string, why: string) => `Cannot ${action} model ${model}: ${why}`,
  },
  ERR_MODEL_ADD: {
    status: 422,
    say: (name: string, why: string) =>
      `Cannot add the model "${name}": ${why}. Nothing was registered; what it must be is printed by "sluice models inputs"`,
  },
  ERR_GRADIENT_NOT_FINITE: {
    status: 500,
    say: (what: string, step: string) =>
      `Cannot train ${what} in step ${step}: a gradient is NaN or infinite. Nothing was changed; look for bad labels or features, or lower the learning rate`,
  },
  ERR_EMBEDDINGS_INVALID: {
    status: 500,
    say: (what: string, why: string) => `Cannot read ${what}: ${why}. Nothing was changed; take another copy of it`,
  },
  ERR_INDEX_FULL: {
    status: 503,
    say: (size: string) => `Cannot add a vector: the index of ${size} has no room left. Build it anew`,
  },
  ERR_INDEX_STATE: {
    status: 409,
    say: (action: string, index: string, why: string) => `Cannot ${action} ${index}: ${why}`,
  },
  ERR_INDEX_INVALID: {
    status: 500,
    say: (path: string, why: string) =>
      `Cannot open the index ${path}: ${why}. Roll back with "sluice index rollback", or remove it: it is built anew from the model`,
  },
} as const satisfies Record<string, { status: number; say: (...values: string[]) => string }>
