import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidArgumentError, Option } from 'commander'
import { SluiceError } from '../foundation/base/index.ts'

/** Options that several commands share: one spelling, one default. */

/** The data folder when none is named. */
export const DATA_FOLDER = '.sluice'

export const dataOption = () =>
  new Option('--data <folder>', 'data folder').env('SLUICE_DATA').default(DATA_FOLDER).argParser(nonEmpty)

export const configOption = () =>
  new Option('--config <file>', 'configuration file (default: sluice.config.ts, .js, .mjs or .json here)')

export const jsonOption = (description = 'print the result as JSON') => new Option('--json', description)

export const urlOption = () =>
  new Option('--url <address>', 'ask this server instead of the data folder').argParser(httpAddress)

export const keyOption = () => new Option('--key <key>', 'API key for the server').env('SLUICE_KEY')

export function nonEmpty(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.')
  return text
}

export function httpAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError('It must be an address like http://127.0.0.1:8787.')
  }
  return text
}

/** A whole number in a range. */
export const wholeNumber = (low: number, high: number) => (text: string) => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < low || value > high) {
    throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`)
  }
  return value
}

/** A number in a range. */
export const amountOf = (low: number, high: number) => (text: string) => {
  const value = Number(text)
  if (text.trim() === '' || !(value >= low && value <= high)) {
    throw new InvalidArgumentError(`It must be a number from ${low} to ${high}.`)
  }
  return value
}

export function jsonObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // said below, with an example
  }
  throw new InvalidArgumentError('It must be a JSON object, like \'{"field":"category","is":"jazz"}\'.')
}

/** @throws SluiceError ERR_DATA_MISSING: a command that only reads must not leave a new folder behind */
export function existingFolder(folder: string, data: string): string {
  const path = resolve(folder, data)
  if (!existsSync(path)) throw new SluiceError('ERR_DATA_MISSING', [path])
  return path
}
