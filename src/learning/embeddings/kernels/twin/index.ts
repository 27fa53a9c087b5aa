import type { Kernels } from '../contract.ts'
import type { WasmMemory } from '../../../../foundation/base/index.ts'
import { denseTwin } from './dense.ts'
import { rowTwin } from './rows.ts'
import { sparseTwin } from './sparse.ts'

/** All kernels in TypeScript: what the compiled ones are tested against, and what stands in where SIMD is missing. */
export const twinKernels = (memory: WasmMemory): Kernels => ({
  ...rowTwin(memory),
  ...sparseTwin(memory),
  ...denseTwin(memory),
})
