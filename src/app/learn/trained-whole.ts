import type { Manifest } from '../../learning/registry/index.ts'

/**
 * When a version was trained as a whole: one that went on learning from the stream says in its configuration when the one it
 * came from was.
 */
export function trainedAt({ createdAt, config }: Pick<Manifest, 'createdAt' | 'config'>): number {
  const { trainedAt: at } = config as { readonly trainedAt?: unknown }
  return typeof at === 'number' ? at : createdAt
}

/**
 * The version that was trained as a whole: this one, or that from which it went on learning from the stream, which its
 * configuration says. It may be gone by now.
 */
export function trainedWhole({ version, config }: Pick<Manifest, 'version' | 'config'>): string {
  const { whole } = config as { readonly whole?: unknown }
  return typeof whole === 'string' ? whole : version
}
