import fs from 'node:fs'
import { join } from 'node:path'
import { type Clock, meant, SluiceError, systemClock } from '../../foundation/base/index.ts'
import { lockFolder, makeFolder } from '../../foundation/store/index.ts'
import { namesIn, onDisk } from './disk.ts'
import { Draft, REMOVED, sweep } from './draft.ts'
import { checkName, isVersion, MANIFEST_FILE, type Manifest, readManifest } from './manifest.ts'
import { type ModelState, moved, type Pointer, readPointer, shadowless, stateOf, writePointer } from './pointer.ts'
import { type Artifact, type Expectation, verified } from './verify.ts'

/** One line of the list. `broken` says why a version cannot be read; then there is no manifest. */
export interface Listed {
  readonly name: string
  readonly version: string
  readonly state: ModelState
  readonly manifest: Manifest | undefined
  readonly broken: string | undefined
}

/**
 * Trained models on disk, one folder per version: `NAME/000001/` with its manifest and files, never changed once it is
 * there, and one `pointer.json` per name that says where each version stands. Readers need no lock. Changes of standing
 * are taken one at a time, across processes; a second one at the same moment is refused with ERR_DATA_IN_USE.
 */
export class Registry {
  readonly folder: string
  private readonly clock: Clock

  /** `folder`: `models` in a data folder; made when it is first written to. */
  constructor(folder: string, clock: Clock = systemClock) {
    this.folder = folder
    this.clock = clock
  }

  /** Begins a new version: write its files, then `commit` it. It will be a candidate. */
  draft(name: string): Draft {
    checkName(name)
    makeFolder(this.home(name))
    sweep(this.home(name))
    return new Draft(this.home(name), name, () => this.clock.now())
  }

  /** Names that have versions, sorted. */
  names(): string[] {
    return namesIn(this.folder).filter((name) => this.versions(name).length > 0)
  }

  /** Versions of a name, oldest first. */
  versions(name: string): string[] {
    const home = this.home(name)
    if (!fs.statSync(home, { throwIfNoEntry: false })?.isDirectory()) return []
    return namesIn(home).filter(isVersion)
  }

  list(name?: string): Listed[] {
    return (name === undefined ? this.names() : [name]).flatMap((one) => {
      const pointer = readPointer(this.home(one))
      return this.versions(one).map((version) => ({
        name: one,
        version,
        state: stateOf(pointer, version),
        ...this.readable(one, version),
      }))
    })
  }

  /** The live version of a name, or none. */
  live(name: string): string | undefined {
    checkName(name)
    return readPointer(this.home(name)).live ?? undefined
  }

  /** What became of a name's versions, oldest first. */
  log(name: string): Pointer['log'] {
    checkName(name)
    return readPointer(this.home(name)).log
  }

  /** @throws SluiceError ERR_MODEL_UNKNOWN, ERR_MODEL_MANIFEST */
  show(name: string, version: string): Manifest & { readonly state: ModelState } {
    this.check(name, version)
    return { ...this.manifest(name, version), state: stateOf(readPointer(this.home(name)), version) }
  }

  /**
   * A version whose every file has been held against its manifest.
   * @throws SluiceError ERR_MODEL_UNKNOWN, ERR_MODEL_MANIFEST, ERR_MODEL_HASH, ERR_MODEL_FEATURES
   */
  async load(name: string, version: string, expected: Expectation = {}): Promise<Artifact> {
    this.check(name, version)
    return verified(this.home(name), this.manifest(name, version), expected)
  }

  /**
   * The live version or, when it is refused, the latest earlier live one that is sound: what to serve with after a
   * start. Says what was refused and why. No artifact when there is none: then the rung below serves.
   */
  async loadLive(
    name: string,
    expected: Expectation = {},
  ): Promise<{ artifact: Artifact | undefined; refused: { version: string; error: SluiceError }[] }> {
    checkName(name)
    const { live, before } = readPointer(this.home(name))
    const refused: { version: string; error: SluiceError }[] = []
    for (const version of live === null ? [] : [live, ...before.toReversed().filter((one) => one !== live)]) {
      try {
        return { artifact: await this.load(name, version, expected), refused }
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error
        refused.push({ version, error })
      }
    }
    return { artifact: undefined, refused }
  }

  /**
   * Makes a version live; the one before is retired. `over`: what its gates were held against (none: undefined), the live version
   * or, when that is damaged, what serves in its place; when another one does by now, the verdicts are void and it is refused.
   * @throws SluiceError ERR_MODEL_GATE when a gate failed or none was run, and what `load` throws
   */
  async promote(
    name: string,
    version: string,
    options: { readonly over?: string | undefined; readonly expected?: Expectation } = {},
  ): Promise<Manifest> {
    const { manifest } = await this.load(name, version, options.expected)
    const model = `${name}/${version}`
    const failed = manifest.gates.filter(({ pass }) => !pass)
    if (manifest.gates.length === 0) throw new SluiceError('ERR_MODEL_GATE', [model, 'no gate was run on it'])
    if (failed.length > 0)
      throw new SluiceError('ERR_MODEL_GATE', [model, failed.map(({ gate, say }) => `${gate}: ${say}`).join('; ')])
    const found = 'over' in options ? await this.loadLive(name) : undefined
    this.change(name, version, 'promote', (pointer) => {
      this.check(name, version)
      const isDamaged = found?.refused.some(({ version }) => version === pointer.live)
      const serves = isDamaged ? found?.artifact?.manifest.version : (pointer.live ?? undefined)
      const why = `its gates were held against ${options.over ?? 'no live version'}, and ${serves ?? 'none'} is live now`
      if (found && serves !== options.over) throw new SluiceError('ERR_MODEL_STATE', ['promote', model, why])
      return moved(pointer, version, 'live')
    })
    return manifest
  }

  /** Lets a version score beside the live one without being shown, in the place of the one that did so before. */
  async shadow(name: string, version: string): Promise<void> {
    await this.load(name, version)
    this.change(name, version, 'shadow', (pointer) => {
      this.check(name, version)
      if (pointer.live === version)
        throw new SluiceError('ERR_MODEL_STATE', ['shadow', `${name}/${version}`, 'it is live'])
      return moved(shadowless(pointer), version, 'shadow')
    })
  }

  /** The version of a name that is in the shadow, or none. */
  shadowOf(name: string): string | undefined {
    checkName(name)
    return readPointer(this.home(name)).shadow.at(-1)
  }

  /** Ends what `shadow` began, and says which version it was. @throws SluiceError ERR_MODEL_STATE when none is in the shadow */
  endShadow(name: string): string {
    const version = this.shadowOf(name)
    if (version === undefined)
      throw new SluiceError('ERR_MODEL_STATE', ['end the shadow of', name, 'no version is in it'])
    this.change(name, version, 'shadow ended', shadowless)
    return version
  }

  retire(name: string, version: string): void {
    this.check(name, version)
    this.change(name, version, 'retire', (pointer) => {
      if (pointer.live === version)
        throw new SluiceError('ERR_MODEL_STATE', ['retire', `${name}/${version}`, 'it is live; roll back first'])
      return moved(pointer, version, 'retired')
    })
  }

  /**
   * Goes back to the latest earlier live version that is sound. Needs no gate: it has served before.
   * @throws SluiceError ERR_MODEL_STATE when there is none, ERR_MODEL_UNKNOWN for a name without versions
   */
  async rollback(name: string, why = 'asked for'): Promise<{ from: string; to: string }> {
    checkName(name)
    const { live, before } = readPointer(this.home(name))
    if (this.versions(name).length === 0) throw new SluiceError('ERR_MODEL_UNKNOWN', [name, this.namesFor(name)])
    if (live === null) throw new SluiceError('ERR_MODEL_STATE', ['roll back', name, 'no version is live'])
    const refused: string[] = []
    for (const to of before.toReversed().filter((one) => one !== live)) {
      try {
        await this.load(name, to)
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error
        refused.push(error.message)
        continue
      }
      this.change(name, to, `rollback of ${live} (${why})`, (pointer) => {
        this.check(name, to)
        if (pointer.live !== live)
          throw new SluiceError('ERR_MODEL_STATE', ['roll back', `${name}/${live}`, `${pointer.live} is live by now`])
        const next = moved(pointer, to, 'live')
        return { ...next, before: pointer.before.slice(0, pointer.before.indexOf(to)) }
      })
      return { from: live, to }
    }
    const why2 = refused.length > 0 ? refused.join('; ') : 'no earlier version was live'
    throw new SluiceError('ERR_MODEL_STATE', ['roll back', `${name}/${live}`, why2])
  }

  /** Removes the oldest candidates and retired versions beyond `keep`. Live, shadow, the way back and `also` always stay. */
  retain(name: string, keep: number, also: readonly string[] = []): string[] {
    if (!(Number.isInteger(keep) && keep >= 0)) throw new RangeError(`keep must be a whole number from 0, not ${keep}`)
    checkName(name)
    const removed: string[] = []
    if (this.versions(name).length === 0) return removed
    const lock = lockFolder(this.home(name))
    try {
      const pointer = readPointer(this.home(name))
      const back = pointer.before.at(-1)
      const idle = this.versions(name).filter((version) => {
        const state = stateOf(pointer, version)
        return state !== 'live' && state !== 'shadow' && version !== back && !also.includes(version)
      })
      removed.push(...idle.slice(0, Math.max(0, idle.length - keep)))
      if (removed.length === 0) return removed
      const gone = (versions: readonly string[]) => versions.filter((version) => !removed.includes(version))
      writePointer(this.home(name), {
        ...pointer,
        retired: gone(pointer.retired),
        before: gone(pointer.before),
        removed: Math.max(pointer.removed, ...removed.map(Number)),
      })
      for (const version of removed)
        onDisk(`model ${name}`, () =>
          fs.renameSync(join(this.home(name), version), join(this.home(name), `${REMOVED}${version}`)),
        )
      sweep(this.home(name))
    } finally {
      lock.release()
    }
    return removed
  }

  /** `make` is asked with the folder locked: what was looked at before may have been removed since. */
  private change(name: string, version: string, action: string, make: (pointer: Pointer) => Pointer): void {
    const home = this.home(name)
    const lock = lockFolder(home)
    try {
      const before = readPointer(home)
      const after = make(before)
      const say = `live: ${before.live ?? 'none'} -> ${after.live ?? 'none'}`
      writePointer(home, { ...after, log: [...before.log, { at: this.clock.now(), action, version, say }] })
    } finally {
      lock.release()
    }
  }

  private manifest(name: string, version: string): Manifest {
    const model = `${name}/${version}`
    try {
      return readManifest(model, fs.readFileSync(join(this.home(name), version, MANIFEST_FILE), 'utf8'))
    } catch (error) {
      if (error instanceof SluiceError) throw error
      throw new SluiceError('ERR_MODEL_MANIFEST', [model, `cannot be read (${(error as Error).message})`], {
        cause: error,
      })
    }
  }

  private readable(name: string, version: string): Pick<Listed, 'manifest' | 'broken'> {
    try {
      return { manifest: this.manifest(name, version), broken: undefined }
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      return { manifest: undefined, broken: error.message }
    }
  }

  private check(name: string, version: string): void {
    checkName(name)
    const known = this.versions(name)
    if (known.includes(version)) return
    const has = known.length > 0 ? `${name}/${known.join(', ')}` : this.namesFor(name)
    throw new SluiceError('ERR_MODEL_UNKNOWN', [`${name}/${version}`, has])
  }

  /** For whoever asked for a model that is not there. */
  private namesFor(name: string): string {
    const names = this.names()
    const near = meant(name, names)
    return `${names.join(', ') || 'no model yet'}${near === undefined ? '' : `. Did you mean "${near}"?`}`
  }

  private home(name: string): string {
    return join(this.folder, name)
  }
}
