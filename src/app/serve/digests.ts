import { hash32 } from '../../foundation/base/index.ts'

/** Digests that are kept; they change with every promotion only. */
const KEPT_MAX = 64

/** Digests of slates: the configuration's, and the models that answered beside it. */
export class Digests {
  private readonly configuration: string
  private readonly known = new Map<string, string>()

  constructor(configuration: string) {
    this.configuration = configuration
  }

  of(models: Readonly<Record<string, string>>): string {
    const text = JSON.stringify(models)
    const known = this.known.get(text)
    if (known !== undefined) return known
    if (this.known.size >= KEPT_MAX) this.known.clear()
    const digest = [0, 1].map((seed) => hash32(`${this.configuration} ${text}`, seed).toString(16).padStart(8, '0'))
    const made = digest.join('').slice(0, 12)
    this.known.set(text, made)
    return made
  }
}
