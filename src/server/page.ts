import { createHash } from 'node:crypto'
import type { EngineStatus } from '../app/index.ts'

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }
form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 1rem 0 }
label { display: grid; font-size: .85rem } input, button { font: inherit; padding: .3rem .5rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .5rem; border-bottom: 1px solid #ddd }
[role=alert] { color: #a00 } code { background: #f2f2f2; padding: 0 .2rem }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #161616 } code { background: #333 } [role=alert] { color: #f88 } }`

// Values from the server enter the page through textContent only, so nothing in them is read as markup.
const script = `
const form = document.querySelector('form')
const note = document.querySelector('[role=alert]')
const rows = document.querySelector('tbody')
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const { key, ...wish } = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ''))
  if (wish.limit) wish.limit = Number(wish.limit)
  const headers = { 'content-type': 'application/json', ...(key && { 'x-api-key': key }) }
  rows.replaceChildren()
  note.textContent = ''
  try {
    const answer = await fetch('/v1/slates', { method: 'POST', headers, body: JSON.stringify(wish) })
    const slate = await answer.json()
    if (!answer.ok) throw new Error(slate.error.message)
    note.textContent = slate.items.length === 0 ? 'The slate is empty.' : ''
    for (const item of slate.items) {
      const row = rows.insertRow()
      for (const value of [item.position, item.title ?? item.item, item.score.toFixed(3), item.sources.join(', '), item.reason]) {
        row.insertCell().textContent = value
      }
    }
  } catch (error) {
    note.textContent = error.message
  }
})`

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Nothing may run or load on the page but what is written here, and no other site may frame it. */
export const homeHeaders = {
  'content-security-policy': `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it may stand in HTML, inside and outside of attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign] as string)
}

export function homePage(status: EngineStatus): string {
  const state = status.ready
    ? `${status.items} items, ${status.users} users, ${status.events} events.`
    : `Starting: ${status.phase}.`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sluice</title>
<style>${style}</style>
<h1>Sluice ${escapeHtml(status.version)}</h1>
<p>${escapeHtml(state)}</p>
<ul>
<li><a href="/v1/openapi.json">OpenAPI document</a>
<li><a href="/health">Health</a>, <a href="/ready">readiness</a>, <a href="/metrics">metrics</a>
<li><a href="/v1/portfolio">What each source is worth</a>
</ul>
<h2>A slate</h2>
<form>
<label>surface <input name="surface" value="home" required></label>
<label>user <input name="user"></label>
<label>item, for <code>next</code> <input name="item"></label>
<label>query, for <code>search</code> <input name="query"></label>
<label>limit <input name="limit" type="number" min="1" max="200" value="10"></label>
<label>API key <input name="key" type="password" autocomplete="off"></label>
<button>Fetch</button>
</form>
<p role="alert"></p>
<table>
<thead><tr><th>position<th>item<th>score<th>sources<th>why</thead>
<tbody></tbody>
</table>
<script>${script}</script>
</html>
`
}
