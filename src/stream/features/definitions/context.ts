import { DAY } from '../../../foundation/base/index.ts'
import { type DefinitionMaker, fillSame, ranges } from '../definition.ts'

/** Words by which a client's device text is sorted into a class; the first class with a word in the text wins. */
const devices = {
  television: ['tv', 'television', 'roku', 'chromecast', 'console'],
  phone: ['phone', 'mobile', 'android', 'ios', 'tablet', 'ipad'],
  computer: ['desktop', 'computer', 'laptop', 'web', 'windows', 'mac', 'linux'],
}
const classes = Object.entries(devices)

export const context: DefinitionMaker = ({ surfaces }) => ({
  name: 'context',
  entity: 'request',
  dims: [
    'context.surface',
    'context.hour.sin',
    'context.hour.cos',
    ...Object.keys(devices).map((name) => `context.device.${name}`),
  ],
  daily: ['context.hour.sin', 'context.hour.cos'],
  range: [ranges.share, ranges.signed, ranges.signed, ...classes.map(() => ranges.share)],
  say: 'Place of the surface among the configured ones, scaled to 0..1 (0: not one of them); hour of the day (UTC) on a circle; one column of 0 or 1 per class of device, all 0 when unknown.',
  fill(ask, rows, out, stride, offset) {
    const angle = ((ask.at % DAY) / DAY) * 2 * Math.PI
    const device = ask.device.toLowerCase()
    const found = classes.findIndex(([, words]) => words.some((word) => device.includes(word)))
    const values = [
      (surfaces.indexOf(ask.surface) + 1) / Math.max(1, surfaces.length),
      Math.sin(angle),
      Math.cos(angle),
      ...classes.map((_, c) => (c === found ? 1 : 0)),
    ]
    for (const value of values) fillSame(value, rows.length, out, stride, offset++)
  },
})
