import { createHash } from 'node:crypto'
import type { EngineStatus } from '../../app/index.ts'
import { script } from './script.ts'
import { style } from './style.ts'

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

/** Somebody of the simulated platform. */
const WORLD_USER = 'u00017'

/** Budgets are told of surfaces by their name, and of their stages. */
const surfacesOf = ({ budgets }: EngineStatus): string[] => Object.keys(budgets).filter((name) => !name.includes('/'))

/** A page to try the engine by hand: a slate, why it is as it is, and how it follows what the viewer does. */
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
<nav>
<a href="/v1/openapi.json">OpenAPI document</a>
<a href="/health">health</a>
<a href="/ready">readiness</a>
<a href="/metrics">metrics</a>
<a href="/v1/portfolio">what each source is worth</a>
</nav>
<form>
<label>surface <select name="surface">${surfacesOf(status)
    .map((name) => `<option>${escapeHtml(name)}</option>`)
    .join('')}</select></label>
<label>user <input name="user" placeholder="a stranger" value="${status.world ? WORLD_USER : ''}"></label>
<label>item, for what comes next <input name="item"></label>
<label>query, for search <input name="query"></label>
<label>limit <input name="limit" type="number" min="1" max="200" value="10"></label>
<label>API key <input name="key" type="password" autocomplete="off"></label>
<button>Fetch a slate</button>
</form>
<p id="alarm" role="alert"></p>
<p id="told" role="status"></p>
<p id="about" class="told"></p>
<svg id="gantt" viewBox="0 0 680 1" role="img" aria-label="When each stage ran"></svg>
<ol id="list" aria-label="The slate"></ol>
<p><button id="more" type="button" hidden>More</button></p>
<script>${script}</script>
</html>
`
}
