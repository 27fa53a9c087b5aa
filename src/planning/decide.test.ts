import { describe, expect, it } from 'vitest'
import { completeConfig } from '../domain/index.ts'
import { configText } from './config-text.ts'
import { type Answers, decide, type Question, questionNames, questions } from './decide.ts'

describe('the decision tree', () => {
  const options = (name: (typeof questionNames)[number]) => Object.keys((questions[name] as Question).answers)
  const all = questionNames.reduce<Answers[]>(
    (made, name) => made.flatMap((one) => options(name).map((answer) => ({ ...one, [name]: answer }))),
    [{} as Answers],
  )

  it('gives a right configuration for every combination of answers', () => {
    expect(all.length).toBe(3 ** 5)
    for (const answers of all) {
      const { config, settings } = decide(answers)
      const whole = completeConfig(config) as unknown as Record<string, unknown>
      for (const { option, value } of settings)
        expect(option.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], whole)).toEqual(
          value,
        )
    }
  })

  it('never puts an exploration slot outside the slate', () => {
    for (const answers of all) {
      const { limit, explorationSlots } = completeConfig(decide(answers).config).surfaces['home']!
      for (const slot of explorationSlots) expect(slot).toBeLessThan(limit)
    }
  })

  it('writes a file that says what was asked, answered and why', () => {
    const answers = { freshness: 'daily', cold: 'few', experiments: 'none', slate: 'single', outage: 'tight' }
    const text = configText(decide(answers))
    expect(text).toContain('//   daily: from one day to the next')
    expect(text).toContain('slimRefreshSeconds: 86_400, // one build a day')
    expect(text).toContain("diversity: 'mmr', // each against those just played")
    expect(text).toContain("profile: '50ms'")
  })

  it('refuses an answer that is none, and names those there are', () => {
    const answers = { freshness: 'soon', cold: 'few', experiments: 'none', slate: 'feed', outage: 'wait' }
    expect(() => decide(answers)).toThrow(/session, hours, daily/)
  })
})
