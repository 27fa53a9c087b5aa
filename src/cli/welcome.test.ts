import { expect, it } from 'vitest'
import { fakeEngine } from './testing/engine.ts'
import { fakeTerminal } from './testing/terminal.ts'
import { welcome } from './welcome.ts'

it('leads to the page in a browser, the HTTP interface and the guide', async () => {
  const served = { url: 'http://127.0.0.1:1', data: '/x/.sluice', config: undefined, keyed: false, company: undefined }
  const text = await welcome(fakeTerminal('.'), fakeEngine(), served)
  expect(text).toMatch(/slates in a browser:\n\s+http:\/\/127.0.0.1:1\/\n/)
  expect(text).toMatch(/the HTTP interface:\n\s+http:\/\/127.0.0.1:1\/v1\/openapi.json\n/)
  expect(text).toMatch(/the guide:\n\s+docs\/guide\/first-steps.md/)
})
