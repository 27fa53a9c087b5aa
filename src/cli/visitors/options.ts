import { Option } from 'commander'
import { amountOf } from '../options.ts'

/** Slates per second that leave the machine free and show life: each comes with its events. */
export const VISITORS_RATE = 5
/** Slates after which visitors leave: some hours. An unattended platform must not fill its disk. */
export const VISITORS_SLATES_MAX = 100_000

export const rateOption = (flags: string, description: string) =>
  new Option(flags, description).argParser(amountOf(0.01, 1_000))
