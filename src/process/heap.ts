// The heap of a controller. V8 lets a heap in which much is made and dropped each second grow to several times what
// lives in it before it looks for what can go: of the default plane 53 MB live, and 210 MB were held. On a machine that
// is shared with its stores that is memory for nothing, so V8 is told to mind it. The tick does not become slower by it
// (bench/README.md, memory).

import { setFlagsFromString } from 'node:v8'

/** To be called before much is made; holds for threads that begin later as well. */
export function mindMemory(): void {
  setFlagsFromString('--optimize-for-size')
}
