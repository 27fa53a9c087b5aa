import { parseMix } from '../../src/cli/load/mix.ts'
import { type LoadOptions, type LoadReport, runLoad } from '../../src/cli/load/run.ts'
import { systemClock } from '../../src/foundation/base/index.ts'

type Given = Pick<LoadOptions, 'url' | 'traffic' | 'rate' | 'eventsRate' | 'seconds' | 'seed'> & Partial<LoadOptions>

/** The load of the benches: three surfaces at the published mix, events in batches of a hundred. */
export function benchLoad(given: Given): Promise<LoadReport> {
  return runLoad({
    mix: parseMix('home:80,next:200,search:40'),
    profile: 'steady',
    eventsBatch: 100,
    warmUpSeconds: 3,
    inFlightMax: 256,
    clock: systemClock,
    signal: new AbortController().signal,
    ...given,
  })
}
