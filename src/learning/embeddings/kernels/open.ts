import type { Kernels } from './contract.ts'
import { kernelsWasm } from './module.ts'
import { platform, type WasmMemory } from './platform.ts'
import { twinKernels } from './twin/index.ts'

/** How the loops run: compiled (the default, where the machine has SIMD) or as their TypeScript twin. */
export type KernelKind = 'wasm' | 'twin'

/** A page of WebAssembly memory, in bytes. */
export const PAGE = 65_536

/** 4 GiB less a page, so that no address wraps around. */
export const PAGES_MAX = 65_535

let compiled: object | undefined

/** Can this machine run the compiled kernels? */
export const simd: boolean = platform.validate(Buffer.from(kernelsWasm, 'base64'))

/** The kernels over one memory; equal results, to the bit, whichever kind. */
export function openKernels(memory: WasmMemory, kind: KernelKind = simd ? 'wasm' : 'twin'): Kernels {
  if (kind === 'twin') return twinKernels(memory)
  compiled ??= new platform.Module(Buffer.from(kernelsWasm, 'base64'))
  return new platform.Instance(compiled, { env: { memory } }).exports as unknown as Kernels
}
