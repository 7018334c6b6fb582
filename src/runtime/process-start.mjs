// Whether a process is alive, on Linux (proc(5)). A zombie is not: it has ended, and only waits until its parent asks
// for its code. Where process 1 asks for nothing, as in a container without an init, it waits for ever, and its folder
// in /proc stays. Built-ins only: the build asks too, before anything is installed.

import { readFileSync } from 'node:fs'

export function startOf(pid) {
  let stat = ''
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return '' // no such process
  }
  // The name in field 2 may hold spaces and brackets; the fields after its last bracket do not.
  const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return /[ZX]/.test(state) ? '' : (fields[18] ?? '')
}

export const isAlive = (pid) => startOf(pid) !== ''
