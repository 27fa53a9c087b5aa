import { wasm, type WasmMemory } from '../../../foundation/base/index.ts'
import type { Kernels } from './contract.ts'
import { kernelsWasm } from './module.ts'
import { twinKernels } from './twin/index.ts'

/** How the loops run: compiled (the default, where the machine has SIMD) or as their TypeScript twin. */
export type KernelKind = 'wasm' | 'twin'

let compiled: object | undefined

/** Can this machine run the compiled kernels? */
export const simd: boolean = wasm.validate(Buffer.from(kernelsWasm, 'base64'))

/** The kernels over one memory; equal results, to the bit, whichever kind. */
export function openKernels(memory: WasmMemory, kind: KernelKind = simd ? 'wasm' : 'twin'): Kernels {
  if (kind === 'twin') return twinKernels(memory)
  compiled ??= new wasm.Module(Buffer.from(kernelsWasm, 'base64'))
  return new wasm.Instance(compiled, { env: { memory } }).exports as unknown as Kernels
}
