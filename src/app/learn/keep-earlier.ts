import type { Registry } from '../../learning/registry/index.ts'
import type { LiveModel } from '../../serving/inference/index.ts'

/**
 * Opens the version before the one in use, so that it is at hand, and lets go of what is none any more. `lost`: a version that could
 * not be opened, which is not tried again.
 * @throws SluiceError what the registry says of a version that is damaged or gone
 */
export async function keepEarlier(
  registry: Registry,
  { model: name, earlier, expected }: LiveModel,
  lost?: string,
): Promise<void> {
  if (name === undefined || !earlier) return
  await earlier.tidy()
  const { wanted } = earlier
  if (wanted === undefined || wanted === lost) return
  await earlier.keep(await registry.load(name, wanted, expected))
}
