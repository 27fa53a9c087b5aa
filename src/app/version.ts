import manifest from '../../package.json' with { type: 'json' }

/** Of this package. */
export const VERSION: string = manifest.version

/** Put there by the bundler: see scripts/sources.js. */
declare const SLUICE_BUILD: string | undefined

/** Hash of the sources that run; `source` where they run without a bundle. */
export const BUILD: string = typeof SLUICE_BUILD === 'undefined' ? 'source' : SLUICE_BUILD
