/**
 * Which gates refuse, night after night, on a small platform: a world is written into a folder day by day, and every night all models
 * that have a place are trained as a server trains them and held against what is live. Prints each verdict of the gates that can
 * refuse by chance, with the interval of the difference.
 *
 *     npm run bench bench/nights.ts [seeds] [nights]
 *
 * USERS, ITEMS, DAYS, EVENTS set the world; MODELS (a comma between) which models.
 */
import { train } from '../src/app/learn/train.ts'
import { placed } from '../src/app/learn/due.ts'
import { worldFolder } from '../src/app/learn/testing/world-folder.ts'
import { completeConfig, type ModelName } from '../src/domain/index.ts'
import { DAY } from '../src/foundation/base/index.ts'

const [seeds = '1,2', nights = '5'] = process.argv.slice(2)
const size = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise)
const days = size('DAYS', 28)
const sizes = { users: size('USERS', 600), items: size('ITEMS', 1500), days, events: size('EVENTS', 90_000) }
const config = completeConfig()
const models = (process.env['MODELS']?.split(',') as ModelName[] | undefined) ?? placed(config)

for (const seed of seeds.split(',')) {
  const folder = await worldFolder({ ...sizes, seed: `nights ${seed}` })
  const times = folder.entries.map((entry) => (entry.type === 'event' ? entry.event.at : entry.at))
  const end = times.reduce((a, b) => Math.max(a, b), 0)
  let written = 0
  for (let night = Number(nights) - 1; night >= 0; night--) {
    const until = times.findLastIndex((at) => at <= end - night * DAY) + 1
    await folder.write(folder.entries.slice(written, until))
    written = until
    for (const model of models) {
      try {
        const { promoted, gates, seconds } = await train({ data: folder.data, config, model, seed: `${seed}/${night}` })
        const refused = gates.filter(({ pass }) => !pass)
        console.log(
          `seed ${seed}, ${night} nights to go, ${model}: ${promoted ? 'live' : 'REFUSED'}, ${seconds.toFixed(0)} s`,
        )
        for (const { gate, say } of refused) console.log(`    ${gate}: ${say}`)
        const offline = gates.find(({ gate, pass }) => gate === 'offline' && pass)
        if (offline) console.log(`    (offline: ${offline.say})`)
      } catch (error) {
        console.log(
          `seed ${seed}, ${night} nights to go, ${model}: ${error instanceof Error ? error.message : String(error)}`,
        )
      }
    }
  }
  await folder.remove()
}
