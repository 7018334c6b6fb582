// What the solver uses of WebAssembly; the types of Node.js 20 leave it to those of browsers.

declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, Memory>>>>)
    readonly exports: Readonly<Record<string, unknown>>
  }
  class Memory {
    constructor(size: { readonly initial: number; readonly maximum: number; readonly shared: true })
    /** As long as the memory is; what was longer ago still reads and writes it. */
    readonly buffer: SharedArrayBuffer
    /** Adds pages of 64 KiB. */
    grow(pages: number): number
  }
  interface Global {
    value: number
  }
}
