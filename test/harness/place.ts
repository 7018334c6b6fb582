// Where tests stand: a port that is free, a folder that goes with the test, the small plane that `mizani` ships as an
// example, and a pair of private stores.

import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, connect as dial } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { EMPTY_PLANE } from '../../src/policy/files/empty-plane.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { createLogger, type Logger } from '../../src/runtime/log.js'
import { type PrivateStores, startPrivateStores } from '../../src/runtime/private-redis.js'
import { CONTROLLER_USER, POLICY_USER } from '../../src/wire/access.js'

/** Whoever starts something says here how it ends. */
export interface Ending {
  teardown(end: () => unknown): void
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Whether somebody listens there. */
export function answers(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = dial(port, '127.0.0.1', () => {
      socket.destroy()
      answer(true)
    }).once('error', () => answer(false))
  })
}

/** Not one of tap's: that is taken away while a program still writes to it. */
export function freshFolder(ending: Ending): string {
  const folder = mkdtempSync(join(tmpdir(), 'mizani-test-'))
  ending.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
  return folder
}

/** The files of the example plane in a new folder below this one, each first changed by `edit`. */
export function examplePlane(parent: string, edit: (text: string) => string = (text) => text) {
  const folder = join(parent, 'plane')
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(EMPTY_PLANE)) writeFileSync(join(folder, name), edit(text))
  return { folder, document: loadPlane(folder).document! }
}

/** A plane with another ceiling: each `n` is another document. */
export function variantOf(document: PolicyDocument, n: number): PolicyDocument {
  const variant = structuredClone(document)
  variant.tiers.basic!.services.internet!.down.ceiling += n * 1_000
  return variant
}

/** What is said of a write of the policy that is made on revision `expected`. */
export const because = (expected: number, author = 'asha') => ({
  ...{ author, reason: 'a test', reference: null, at: 1_767_225_600_000, expected },
})

/** The two stores of a machine, with the users that a controller signs in as. */
export async function privateStores(
  ending: Ending,
  dataDir: string,
  log: Logger = createLogger('test', 'silent'),
): Promise<PrivateStores> {
  const stores = await startPrivateStores({ dataDir, log, durableUser: POLICY_USER, volatileUser: CONTROLLER_USER })
  ending.teardown(() => stores.stop())
  return stores
}
