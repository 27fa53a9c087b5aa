import { quoted } from '../shell.ts'

/** Where commands that are printed are to go: they are run as they stand. */
export interface Place {
  /** Of the server. */
  readonly url: string
  /** The data folder as it was named; undefined when only the address is known. */
  readonly data: string | undefined
}

const folderOf = ({ data }: Place) => (data === undefined ? 'ITS_DATA_FOLDER' : quoted(data))

const withNote = (command: string, note?: string) => (note === undefined ? command : `${command}   # ${note}`)

/** A command that takes a data folder or an address. */
export function atServer(command: string, place: Place, note?: string): string {
  const where = place.data === undefined ? `--url ${quoted(place.url)}` : `--data ${folderOf(place)}`
  return withNote(`${command} ${where}`, note)
}

/** A command that works on the data folder. */
export function inFolder(command: string, place: Place, note?: string): string {
  return withNote(`${command} --data ${folderOf(place)}`, note)
}

/** Is there room on the disk of the data folder? */
export function freeSpace(place: Place): string {
  return `df -h ${folderOf(place)}   # is the disk full?`
}

/** How it was started is known to whoever started it. */
export function restart(place: Place): string {
  return `restart the server: stop it, and start it as before (${inFolder('sluice up', place)} and its options)`
}
