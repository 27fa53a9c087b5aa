/** The part of the WebAssembly platform used here; the compiler knows it only together with a browser's whole library. */
export interface WasmMemory {
  /** Detached, and another, after each growth: hold the memory, not the buffer. */
  readonly buffer: ArrayBuffer
  /** Adds zeroed pages at the end; RangeError when there is no room. */
  grow(pages: number): number
}

interface Platform {
  readonly Memory: new (size: { initial: number; maximum: number }) => WasmMemory
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
  validate(bytes: Uint8Array): boolean
}

export const platform = (globalThis as unknown as { WebAssembly: Platform }).WebAssembly
