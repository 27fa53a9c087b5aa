import fs from 'node:fs'
import { crc32 } from 'node:zlib'
import { type Numbers, SluiceError } from '../../foundation/base/index.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { Dataset } from './dataset.ts'
import { SAMPLES_SCHEMA, type SampleChunk, type SamplesHeader, type TableName, tableNames } from './schema.ts'

/**
 * Samples in one file, little endian, written in one pass:
 *   magic 8
 *   per chunk: rows of each table 4 x u32 | bytes u32 | crc32 of the columns u32 | the columns, one after the other
 *   header as JSON | its bytes u32 | its crc32 u32 | chunks u32 | magic 8
 * The header stands at the end, as in Parquet: a file that was cut short is known by its missing end.
 */
const MAGIC = Buffer.from('SLUICES1')
const CHUNK_BYTES = 24
const END_BYTES = 20
/** Larger chunks can only be damage. */
const CHUNK_BYTES_MAX = 1 << 30

/**
 * Writes samples as they come, under a temporary name until they are complete and on disk: the file is there whole, or
 * as it was.
 * @throws SluiceError ERR_FILE_WRITE
 */
export function writeSamples(
  path: string,
  header: SamplesHeader,
  chunks: Iterable<SampleChunk>,
): { bytes: number; chunks: number } {
  const temporary = `${path}.${process.pid}.new`
  let fd: number | undefined
  try {
    fd = fs.openSync(temporary, 'w')
    const bytes = writeTo(fd, header, chunks)
    fs.fsyncSync(fd)
    fs.closeSync(fd)
    fd = undefined
    fs.renameSync(temporary, path)
    return bytes
  } catch (error) {
    if (fd !== undefined) fs.closeSync(fd)
    fs.rmSync(temporary, { force: true })
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error // not the disk: a defect of the maker
    throw new SluiceError('ERR_FILE_WRITE', [path, (error as Error).message], { cause: error })
  }
}

function writeTo(fd: number, header: SamplesHeader, chunks: Iterable<SampleChunk>): { bytes: number; chunks: number } {
  let bytes = write(fd, MAGIC)
  let count = 0
  for (const chunk of chunks) {
    const columns = columnsOf(chunk)
    const head = Buffer.alloc(CHUNK_BYTES)
    tableNames.forEach((table, i) => {
      head.writeUInt32LE(rowsOf(chunk, table), i * 4)
    })
    head.writeUInt32LE(
      columns.reduce((sum, column) => sum + column.length, 0),
      16,
    )
    head.writeUInt32LE(
      columns.reduce((sum, column) => crc32(column, sum), 0),
      20,
    )
    bytes += write(fd, head)
    for (const column of columns) bytes += write(fd, column)
    count++
  }
  const text = Buffer.from(JSON.stringify(header))
  const end = Buffer.alloc(12)
  end.writeUInt32LE(text.length, 0)
  end.writeUInt32LE(crc32(text), 4)
  end.writeUInt32LE(count, 8)
  bytes += write(fd, text) + write(fd, end) + write(fd, MAGIC)
  return { bytes, chunks: count }
}

/** An open file of samples: reads one chunk at a time, so that training need not hold all. Close it. */
export class SamplesFile {
  readonly header: SamplesHeader
  readonly path: string
  private readonly fd: number
  private readonly chunks: number

  /** @throws SluiceError ERR_SAMPLES_FILE when it is torn, damaged or of another schema */
  constructor(path: string) {
    this.path = path
    try {
      this.fd = fs.openSync(path, 'r')
    } catch (error) {
      throw new SluiceError('ERR_SAMPLES_FILE', [path, (error as Error).message], { cause: error })
    }
    try {
      const { header, chunks } = this.readHeader()
      this.header = header
      this.chunks = chunks
    } catch (error) {
      fs.closeSync(this.fd)
      throw error
    }
  }

  /** Every chunk, checked, in order. */
  *read(): Generator<SampleChunk, void, undefined> {
    let at = MAGIC.length
    for (let c = 0; c < this.chunks; c++) {
      const head = this.bytes(at, CHUNK_BYTES)
      const rows = Object.fromEntries(tableNames.map((table, i) => [table, head.readUInt32LE(i * 4)]))
      const chunk = this.emptyChunk(rows as Record<TableName, number>, head.readUInt32LE(16), c)
      at += CHUNK_BYTES
      let sum = 0
      for (const column of columnsOf(chunk)) {
        this.into(column, at)
        at += column.length
        sum = crc32(column, sum)
      }
      if (sum !== head.readUInt32LE(20)) throw this.broken(`chunk ${c} is damaged`)
      yield chunk
    }
  }

  close(): void {
    fs.closeSync(this.fd)
  }

  private emptyChunk(rows: Record<TableName, number>, bytes: number, number: number): SampleChunk {
    // Rows are checked by the sum of bytes before anything of that size is made.
    const width = this.header.featureNames.length
    const each = ChunkWriter.bytesPerRow(width)
    const wanted = tableNames.reduce((sum, table) => sum + rows[table] * each[table], 0)
    if (wanted !== bytes || bytes > CHUNK_BYTES_MAX) throw this.broken(`chunk ${number} is damaged`)
    return ChunkWriter.empty(width, rows)
  }

  private readHeader(): { header: SamplesHeader; chunks: number } {
    const { size } = fs.fstatSync(this.fd)
    if (size < MAGIC.length + END_BYTES) throw this.broken('it is too short')
    if (!this.bytes(0, MAGIC.length).equals(MAGIC)) throw this.broken('it is no file of samples')
    const end = this.bytes(size - END_BYTES, END_BYTES)
    const length = end.readUInt32LE(0)
    const start = size - END_BYTES - length
    if (!end.subarray(12).equals(MAGIC) || start < MAGIC.length) throw this.broken('its end is missing')
    const text = this.bytes(start, length)
    if (crc32(text) !== end.readUInt32LE(4)) throw this.broken('its header is damaged')
    const header = JSON.parse(text.toString('utf8')) as SamplesHeader
    if (header.schema !== SAMPLES_SCHEMA)
      throw this.broken(`it has schema ${header.schema}, this version reads ${SAMPLES_SCHEMA}`)
    return { header, chunks: end.readUInt32LE(8) }
  }

  private bytes(at: number, length: number): Buffer {
    const buffer = Buffer.alloc(length)
    this.into(buffer, at)
    return buffer
  }

  private into(buffer: Uint8Array, at: number): void {
    for (let done = 0; done < buffer.length; ) {
      const read = fs.readSync(this.fd, buffer, done, buffer.length - done, at + done)
      if (read <= 0) throw this.broken('it was cut short')
      done += read
    }
  }

  private broken(why: string): SluiceError {
    return new SluiceError('ERR_SAMPLES_FILE', [this.path, why])
  }
}

/** All samples of a file in memory. @throws SluiceError ERR_SAMPLES_FILE */
export function readSamples(path: string): Dataset {
  const file = new SamplesFile(path)
  try {
    return new Dataset(file.header, file.read())
  } finally {
    file.close()
  }
}

/** The columns of a chunk as bytes, in the order of the tables. */
export function columnsOf(chunk: SampleChunk): Uint8Array[] {
  return tableNames.flatMap((table) =>
    Object.values(chunk[table] as Record<string, Numbers>).map(
      ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
    ),
  )
}

function rowsOf(chunk: SampleChunk, table: TableName): number {
  if (table === 'requests') return chunk.requests.at.length
  return (chunk[table] as unknown as { readonly item: Uint32Array }).item.length
}

function write(fd: number, bytes: Uint8Array): number {
  for (let done = 0; done < bytes.length; ) {
    const written = fs.writeSync(fd, bytes, done, bytes.length - done)
    if (written <= 0) throw Object.assign(new Error('the disk takes nothing any more'), { syscall: 'write' })
    done += written
  }
  return bytes.length
}
