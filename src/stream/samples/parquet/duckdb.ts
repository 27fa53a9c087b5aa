import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SluiceError } from '../../../foundation/base/index.ts'

/** Loaded when it is asked for: 70 MB that nobody else needs. */
const load = async () => {
  try {
    return await import('@duckdb/node-api')
  } catch (cause) {
    throw new SluiceError('ERR_DUCKDB_MISSING', [(cause as Error).message], { cause })
  }
}
export type DuckDB = Awaited<ReturnType<typeof load>>
export type Connection = Awaited<ReturnType<DuckDB['DuckDBConnection']['create']>>

/** What DuckDB may hold in memory; beyond, it goes through a temporary folder. */
const MEMORY = '1GB'
const THREADS = '2'

/** Work on an empty database that is gone afterwards. @throws SluiceError ERR_DUCKDB_MISSING */
export async function withDuckDB<T>(work: (connection: Connection, duckdb: DuckDB) => Promise<T>): Promise<T> {
  const duckdb = await load()
  const folder = mkdtempSync(join(tmpdir(), 'sluice-duckdb-'))
  try {
    const options = { memory_limit: MEMORY, threads: THREADS, temp_directory: folder }
    const instance = await duckdb.DuckDBInstance.create(join(folder, 'work.duckdb'), options)
    try {
      const connection = await instance.connect()
      try {
        return await work(connection, duckdb)
      } finally {
        connection.closeSync()
      }
    } finally {
      instance.closeSync()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A text as SQL writes it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
