import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Config, completeConfig } from '../domain/index.ts'
import { requireRankers, strangeModels } from './check-config.ts'
import { createEngine } from './create-engine.ts'

const data = mkdtempSync(join(tmpdir(), 'sluice-check-config-'))
afterAll(() => rmSync(data, { recursive: true }))
const named = (ranking: Partial<Config['ranking']>) => completeConfig({ ranking })

describe('the rankers that a configuration names', () => {
  it.each([
    [
      { fine: 'bst-isolatd' },
      /\/ranking\/fine names a model that is not there: "bst-isolatd"; did you mean "bst-isolated"\?/,
    ],
    [
      { coarse: 'corse' },
      /\/ranking\/coarse .*did you mean "coarse"\? Known: wdl, din, .*, bootstrap\. If it is one of your own/,
    ],
    [{ degraded: 'bootstrp' }, /did you mean "bootstrap"/],
    [{ fine: 'sequence' }, /"sequence" finds items and ranks none; known: wdl, din/],
  ])('%o is a slip, and no server starts with it', (ranking, says) => {
    const config = named(ranking)
    expect(() => createEngine({ data, config })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID', message: expect.stringMatching(says) }),
    )
  })

  it('may be any that was added, and one that is like none is waited for, with a warning', () => {
    expect(() => requireRankers(named({ fine: 'best' }), [])).toThrow(/did you mean "bst"/)
    expect(() => requireRankers(named({ fine: 'best' }), ['best'])).not.toThrow()
    expect(() => requireRankers(named({ fine: 'two-tower' }), ['two-tower'])).toThrow(/finds items/)
    expect(() => requireRankers(named({ fine: 'nope' }), [])).not.toThrow()
    expect(strangeModels(named({ fine: 'nope' }))).toEqual([
      'ranking.fine names a model that is not there: "nope"; known: wdl, din, bst, bst-isolated, dlrm, coarse, degraded, bootstrap. ' +
        'The rules set by hand take its place until it is added: sluice models add',
    ])
    expect(strangeModels(named({ fine: 'nope' }), ['nope', 'sequence'])).toEqual([])
    expect(strangeModels(completeConfig())).toEqual([])
  })
})
