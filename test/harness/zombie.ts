// A process that has ended and that its parent does not ask for, as all orphans in a container without an init.

import { spawn } from 'node:child_process'
import type { Ending } from './place.js'
import { childrenOf, ofProcess } from './proc.js'
import { until } from './until.js'

/** Its process id. It stays a zombie until the test ends. */
export async function zombieOf(ending: Ending): Promise<number> {
  // `exec` makes `sleep` the parent, which waits for no child.
  const parent = spawn('sh', ['-c', 'true & exec sleep 600'], { stdio: 'ignore' })
  ending.teardown(() => parent.kill('SIGKILL'))
  const isZombie = (pid: number): boolean => /^State:\s+Z/m.test(ofProcess(pid, 'status'))
  return until(() => childrenOf(parent.pid!).find(isZombie), 'a zombie')
}
