/** What runs on the page. Values from the server enter it through textContent and attributes of SVG only: nothing in them is read as markup. */
export const script = `
const form = document.querySelector('form')
const [alarm, told, about, list, more, gantt] = ['alarm', 'told', 'about', 'list', 'more', 'gantt'].map((id) => document.getElementById(id))
const ACTS = { Watch: ['click', 'watch'], Like: ['like'], 'Not for me': ['not-interested'] }
let shown = new Map() // by item, its place on the slate before
let last // the request that was answered last

function wish() {
  const { key, ...given } = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ''))
  if (given.limit) given.limit = Number(given.limit)
  return given
}

async function ask(path, body) {
  const key = form.elements.key.value
  const headers = { ...(body && { 'content-type': 'application/json' }), ...(key && { 'x-api-key': key }) }
  const began = performance.now()
  const answer = await fetch(path, { headers, ...(body && { method: 'POST', body: JSON.stringify(body) }) })
  const said = await answer.json()
  if (!answer.ok) throw new Error(said.error.message)
  return { said, ms: performance.now() - began }
}

async function attempt(work) {
  alarm.textContent = ''
  try {
    await work()
  } catch (error) {
    alarm.textContent = error.message
  }
}

function element(name, text, properties = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...properties })
}

async function fetchSlate(request, page = false) {
  const { said: slate, ms } = await ask('/v1/slates', request)
  const before = page ? new Map() : shown
  if (!page) {
    list.replaceChildren()
    shown = new Map()
  }
  last = request
  const inside = Math.max(0, ...slate.stages.map(({ at, ms }) => at + ms))
  about.textContent =
    (slate.items.length === 0 ? 'The slate is empty. ' : '') +
    'Rung ' + slate.rung + (slate.personal ? ', personal' : ', not personal') + ', ' + inside.toFixed(1) + ' ms, ' +
    ms.toFixed(1) + ' ms over HTTP' + Object.entries(slate.models ?? {}).map(([stage, model]) => ', ' + stage + ' by ' + model).join('')
  draw(slate.stages, inside)
  for (const item of slate.items) list.append(entry(slate, item, before))
  more.hidden = slate.cursor === undefined
  more.onclick = () => attempt(() => fetchSlate({ ...request, cursor: slate.cursor }, true))
}

function entry(slate, item, before) {
  const row = element('li')
  const was = before.get(item.item)
  const moved = before.size === 0 || was === item.position ? '' : was === undefined ? 'new' : was > item.position ? '\\u25b2 ' + (was - item.position) : '\\u25bc ' + (item.position - was)
  shown.set(item.item, item.position)
  const text = element('div')
  text.append(
    element('div', item.title ?? item.item),
    element('div', item.reason, { className: 'why' }),
    element('div', [...item.sources, item.score.toFixed(3), ...(item.explored ? ['explored'] : [])].join(' \\u00b7 '), { className: 'faint' }),
  )
  const acts = element('div', '', { className: 'acts' })
  for (const [name, kinds] of Object.entries(ACTS)) {
    const act = element('button', name, { type: 'button', disabled: last.user === undefined })
    act.title = act.disabled ? 'Say a user first: what a stranger does changes no slate' : 'Sends it as an event of ' + last.user
    act.onclick = () => attempt(() => react(slate, item, kinds))
    acts.append(act)
  }
  const why = element('button', 'Why', { type: 'button' })
  why.onclick = () => attempt(() => explain(slate, item, row))
  acts.append(why)
  row.append(element('div', String(item.position + 1), { className: 'place' }), element('div', moved, { className: 'moved' }), text, acts)
  return row
}

/** Sends what the viewer did, then asks again: the next slate knows it. */
async function react(slate, item, kinds) {
  const events = kinds.map((kind, i) => ({
    id: crypto.randomUUID(), kind, user: last.user, item: item.item, slate: slate.slate, surface: slate.surface,
    position: item.position, at: Date.now() + i, ...(kind === 'watch' && { completion: 0.95 }),
  }))
  const { said, ms } = await ask('/v1/events', { events })
  if (said.rejected.length > 0) throw new Error(said.rejected[0].message)
  await fetchSlate(wish())
  told.textContent = kinds.at(-1) + ' of ' + (item.title ?? item.item) + ': on disk after ' + ms.toFixed(1) + ' ms, and this slate knows it'
}

async function explain(slate, item, row) {
  const open = row.querySelector('pre')
  if (open) return open.remove()
  const { said } = await ask('/v1/slates/' + encodeURIComponent(slate.slate) + '/explain')
  const found = said.items.find((one) => one.item === item.item)
  const lines = (title, numbers = {}) => {
    const parts = Object.entries(numbers).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))
    return parts.length === 0 ? [] : [title, ...parts.map(([name, value]) => '  ' + name.padEnd(28) + value.toFixed(4))]
  }
  row.append(element('pre', [
    'funnel  ' + said.funnel.map(({ step, count }) => step + ' ' + count).join(', '),
    'sources ' + (Object.entries(found.sources).map(([name, { rank }]) => name + ' #' + rank).join(', ') || 'none: it was not searched for'),
    ...lines('parts of the score', found.contributions),
    ...lines('predictions', found.predictions),
    'propensity ' + found.propensity.toFixed(4),
  ].join('\\n')))
}

/** When each stage ran, and for how long. */
function draw(stages, end) {
  const NS = 'http://www.w3.org/2000/svg'
  const shape = (name, attributes, text = '') => {
    const made = document.createElementNS(NS, name)
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
    made.textContent = text
    return made
  }
  const [left, width, height] = [90, 580, 18]
  gantt.setAttribute('viewBox', '0 0 680 ' + Math.max(1, stages.length * height))
  gantt.replaceChildren(...stages.flatMap(({ stage, at, ms, status, out }, i) => {
    const x = left + (end > 0 ? (at / end) * width : 0)
    const long = Math.max(1, end > 0 ? (ms / end) * width : 0)
    const room = x + long < 0.75 * (left + width) // else what is said stands before the bar
    const place = room ? { x: x + long + 4 } : { x: x - 4, 'text-anchor': 'end' }
    const result = ms.toFixed(1) + ' ms' + (out > 0 ? ', ' + out + ' left' : '') + (status === 'ok' ? '' : ', ' + status)
    return [
      shape('text', { x: 0, y: i * height + 13 }, stage),
      shape('rect', { x, y: i * height + 3, width: long, height: height - 6, class: status === 'ok' ? 'span' : 'late' }),
      shape('text', { ...place, y: i * height + 13 }, result),
    ]
  }))
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  told.textContent = ''
  shown = new Map()
  attempt(() => fetchSlate(wish()))
})`
