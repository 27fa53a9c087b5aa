export const style = `
:root { color-scheme: light dark; --ink: #1a1a1a; --ground: #fff; --line: #ddd; --soft: #f4f4f2; --faint: #666; --mark: #0a6b4f; --alarm: #a00 }
@media (prefers-color-scheme: dark) { :root { --ink: #eee; --ground: #161616; --line: #333; --soft: #222; --faint: #999; --mark: #58c9a4; --alarm: #f88 } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink); background: var(--ground) }
h1 { margin-bottom: 0 } nav a { margin-right: 1rem } a { color: var(--mark) }
form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 1.5rem 0 1rem }
label { display: grid; font-size: .85rem; color: var(--faint) }
input, select, button { font: inherit; padding: .3rem .6rem; color: var(--ink); background: var(--ground); border: 1px solid var(--line); border-radius: .3rem }
input { width: 9rem } [name=limit] { width: 4rem }
button { cursor: pointer } button:hover { border-color: var(--mark) } button:disabled { cursor: default; opacity: .45; border-color: var(--line) }
[role=alert] { color: var(--alarm); min-height: 1.5em } [role=alert]:empty { display: none }
[role=status] { color: var(--mark); min-height: 1.5em }
.told, .why, .faint { color: var(--faint); font-size: .875rem }
svg { width: 100%; height: auto; display: block; margin: .5rem 0 } svg text { font: 11px system-ui, sans-serif; fill: var(--ink) }
svg .span { fill: var(--mark); opacity: .35 } svg .late { fill: var(--alarm); opacity: .5 }
ol { list-style: none; padding: 0; margin: 0 }
li { display: grid; grid-template-columns: 2.5rem 3.5rem 1fr auto; gap: .25rem .75rem; align-items: center; padding: .5rem 0; border-top: 1px solid var(--line) }
li .place { text-align: right; font-variant-numeric: tabular-nums } li .moved { color: var(--mark); font-size: .8rem }
li .acts { display: flex; gap: .35rem; flex-wrap: wrap } li .acts button { font-size: .8rem; padding: .15rem .5rem }
li pre { grid-column: 3 / -1; background: var(--soft); padding: .5rem .75rem; margin: 0; border-radius: .3rem; overflow-x: auto; font-size: .8rem }
@media (max-width: 40rem) { li { grid-template-columns: 1.5rem 1fr } li > :not(.place) { grid-column: 2 } li .moved:empty { display: none } }`
