import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { start } from './cli-process.ts'

const browserPath = [
  process.env['CHROME_BIN'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path))
if (browserPath === undefined)
  console.log('page.test.ts is skipped: there is no Chromium on this machine (apt-get install chromium, or CHROME_BIN)')

const HOSTILE = '<img src=x onerror="document.title=1">quokka'

describe.skipIf(browserPath === undefined)('the page in a browser', () => {
  let cwd = ''
  let url = ''
  let server: ReturnType<typeof start>
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'sluice-page-'))
    server = start(['up', '--port', '0', '--json', '--data', 'd', '--world', 'small', '--no-train'], { cwd })
    await server.until(/"ready"/)
    url = (JSON.parse(server.printed.out) as { url: string }).url
    browser = await chromium.launch({ executablePath: browserPath as string, args: ['--no-sandbox', '--disable-gpu'] })
    page = await browser.newPage()
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
    await page.goto(url)
  })
  afterAll(async () => {
    await browser?.close()
    server?.child.kill('SIGTERM')
    await server?.ended
    rmSync(cwd, { recursive: true, force: true })
  })

  const titles = () => page.locator('#list li > div:nth-child(3) > div:first-child').allTextContents()
  const fetched = async (fill: Record<string, string>) => {
    for (const [name, value] of Object.entries(fill)) await page.fill(`[name=${name}]`, value)
    const answer = page.waitForResponse('**/v1/slates')
    await page.click('text=Fetch a slate')
    await (await answer).finished()
  }

  it('fetches a slate for somebody of the simulated platform, with its stages', async () => {
    expect(await page.inputValue('[name=user]')).toBe('u00017')
    await fetched({})
    await page.waitForSelector('#list li')
    expect(await titles()).toHaveLength(10)
    expect(await page.textContent('#about')).toMatch(/^Rung \w+, personal, [\d.]+ ms, [\d.]+ ms over HTTP/)
    expect(await page.locator('#gantt rect').count()).toBeGreaterThan(4)
  })

  it('sends what the viewer does, and shows the slate that knows it', async () => {
    const [first] = await titles()
    await page.locator('#list li').first().getByRole('button', { name: 'Not for me' }).click()
    await page.locator('#told', { hasText: 'on disk' }).waitFor()
    expect(await page.textContent('#told')).toContain(`not-interested of ${first}`)
    expect(await titles()).not.toContain(first)
    expect(await page.locator('#list .moved').allTextContents()).toContain('new')
  })

  it('says why, and goes on to the next page without repeats', async () => {
    await page.locator('#list li').first().getByRole('button', { name: 'Why' }).click()
    expect(await page.textContent('#list pre')).toMatch(/funnel .*parts of the score/s)
    await page.click('#more')
    await page.locator('#list li').nth(19).waitFor()
    expect(new Set(await titles()).size).toBe(20)
  })

  it('shows what goes wrong in words, and what the catalogue says as text', async () => {
    await page.selectOption('[name=surface]', 'next')
    await fetched({ item: 'nobody' })
    await page.waitForSelector('#alarm:not(:empty)')
    expect(await page.textContent('#alarm')).toContain('nobody')

    await fetch(`${url}/v1/items`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ id: 'hostile', title: HOSTILE }]),
    })
    await page.selectOption('[name=surface]', 'search')
    await fetched({ item: '', query: 'quokka' })
    await page.locator('#list', { hasText: 'quokka' }).waitFor()
    expect(await titles()).toContain(HOSTILE)
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.title()).toBe('Sluice')
  })

  it('nothing was blocked or broke on the way', () => {
    expect(complaints.filter((text) => !text.includes('responded with a status of 404'))).toEqual([])
  })
})
