import { wasm, type WasmMemory } from '../../../foundation/base/index.ts'
import type { ScanKernels } from './contract.ts'
import { kernelsWasm } from './module.ts'
import { twinKernels } from './twin.ts'

let compiled: object | undefined

/** Can this machine run the compiled kernels? */
export const simd: boolean = wasm.validate(Buffer.from(kernelsWasm, 'base64'))

/** The kernels over one shared memory; equal results, to the bit, compiled or as their TypeScript twin. */
export function openKernels(memory: WasmMemory<SharedArrayBuffer>, kind = simd ? 'wasm' : 'twin'): ScanKernels {
  if (kind === 'twin') return twinKernels(memory)
  compiled ??= new wasm.Module(Buffer.from(kernelsWasm, 'base64'))
  return new wasm.Instance(compiled, { env: { memory } }).exports as unknown as ScanKernels
}
