import { once } from 'node:events'
import type { ConfigInput } from '../../src/domain/index.ts'
import { forkRole } from './roles.ts'
import type { Question, Sample } from './serve.ts'

/** A server in a process of its own. */
export interface BenchServer {
  readonly url: string
  /** From the start of the process's work until it answered. */
  readonly openMs: number
  readonly held: { readonly items: number; readonly users: number; readonly events: number }
  sample(): Promise<Sample>
  startProfile(): Promise<void>
  /** Ends the profile and writes it as a .cpuprofile. */
  writeProfile(file: string): Promise<void>
  stop(): Promise<void>
  /** As a power cut would. */
  kill(): Promise<void>
}

export async function startServer(data: string, config: ConfigInput = {}): Promise<BenchServer> {
  const { child, ended } = forkRole('serve', [data, JSON.stringify(config)])
  const died = ended.then(() => {
    throw new Error('the server ended before it served: see above')
  })
  const [started] = (await Promise.race([once(child, 'message'), died])) as [
    Pick<BenchServer, 'url' | 'openMs' | 'held'>,
  ]
  died.catch(() => undefined) // from here on it may end
  const ask = async (question: Question) => {
    child.send(question)
    const [{ answer }] = (await once(child, 'message')) as [{ answer: unknown }]
    return answer
  }
  return {
    ...started,
    sample: async () => (await ask({ ask: 'sample' })) as Sample,
    startProfile: async () => void (await ask({ ask: 'profile' })),
    writeProfile: async (file) => void (await ask({ ask: 'write-profile', file })),
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
