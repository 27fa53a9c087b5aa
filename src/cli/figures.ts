/** Numbers and moments as a person reads them. */

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

export function count(value: number): string {
  return grouped.format(value)
}

/** "3 users", "1 user". */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

export function milliseconds(value: number): string {
  return value >= 100 ? count(value) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

export function seconds(value: number): string {
  if (value < 10) return `${value.toFixed(1)} s`
  if (value < 120) return `${Math.round(value)} s`
  const minutes = Math.floor(value / 60)
  return minutes < 120 ? `${minutes} min ${Math.round(value % 60)} s` : `${(value / 3600).toFixed(1)} h`
}

const units = ['B', 'kB', 'MB', 'GB', 'TB']

export function bytes(value: number): string {
  let power = 0
  let left = value
  while (left >= 1000 && power < units.length - 1) {
    left /= 1000
    power++
  }
  return `${left >= 100 || power === 0 ? Math.round(left) : left.toFixed(1)} ${units[power]}`
}

export function percent(share: number, digits = 1): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : '-'
}

export function moment(at: number): string {
  return new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')
}

/** At most `length` characters. */
export function clipped(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, Math.max(1, length - 1)) + '…'
}

/** Broken at spaces into lines of at most `width` characters, where its words allow it. */
export function wrapped(text: string, width: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}
