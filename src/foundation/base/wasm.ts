/** The part of the WebAssembly platform used here; the compiler knows it only together with a browser's whole library. */
export interface WasmMemory<Bytes extends ArrayBufferLike = ArrayBuffer> {
  /** Another after each growth (and the one before is detached, unless it is shared): hold the memory, not the buffer. */
  readonly buffer: Bytes
  /** Adds zeroed pages at the end; RangeError when there is no room. */
  grow(pages: number): number
}

/** Sizes are pages of 64 KiB; untouched ones take no room in the machine. */
interface MemorySize {
  readonly initial: number
  readonly maximum: number
}

interface Platform {
  readonly Memory: {
    new (size: MemorySize & { readonly shared: true }): WasmMemory<SharedArrayBuffer>
    new (size: MemorySize): WasmMemory
  }
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
  validate(bytes: Uint8Array): boolean
}

/** A page of WebAssembly memory, in bytes. */
export const WASM_PAGE = 65_536

/** 4 GiB less a page, so that no address wraps around. */
export const WASM_PAGES_MAX = 65_535

export const wasm = (globalThis as unknown as { WebAssembly: Platform }).WebAssembly
