// Ids of what people put in the register. A write that has a name makes the same id each time it is sent, so that one
// whose answer was lost can be sent again.

import { createHash, randomBytes } from 'node:crypto'

export function idInRegister(kind: string, request: string | undefined): string {
  const bytes = request === undefined ? randomBytes(4) : createHash('sha256').update(request).digest().subarray(0, 4)
  return `${kind}-${bytes.toString('hex')}`
}
