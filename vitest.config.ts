import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Said of time: they run one after the other, when all else is done, as beside other work they would be late. */
const timed = [
  'src/cli/{gameday,triage}/**/*.test.ts',
  'src/foundation/resilience/**/*.test.ts',
  'src/serving/features/**/*.test.ts',
  'test/scenarios/{gameday,ladder,two-tower}.test.ts',
]

/** A process each: they start servers, threads and commands, fill disks, compile models, or stand in for a module. */
const alone = [
  'bench/**/*.test.ts',
  'src/{app,client,learning,server}/**/*.test.ts',
  'src/foundation/base/roomy-heap.test.ts',
  'src/foundation/store/**/*.test.ts',
  'src/serving/{inference,ladder,vectors}/**/*.test.ts',
  'test/scenarios/**/*.test.ts',
]

export default defineConfig({
  test: {
    setupFiles: ['test/property-seed.ts'],
    testTimeout: 180_000, // a hang is told; a busy machine is waited for
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    maxWorkers: availableParallelism(), // by default one less, which on two cores is none beside the first
    projects: [
      { extends: true, test: { name: 'alone', include: alone, exclude: timed } },
      // The other rooms keep no state in their modules: what they import is loaded once per process, not once per file.
      {
        extends: true,
        test: { name: 'together', include: ['src/**/*.test.ts'], exclude: [...alone, ...timed], isolate: false },
      },
      { extends: true, test: { name: 'timed', include: timed, maxWorkers: 1 } },
    ],
  },
})
