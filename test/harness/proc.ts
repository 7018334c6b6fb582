// Other processes, as the kernel shows them: any of them may end between two looks.

import { readdirSync, readFileSync } from 'node:fs'

/** A file of a process, such as `cmdline` or `task/17/stat`; '' once it has ended. */
export function ofProcess(pid: number | string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** All that run now. */
export const processes = (): number[] => readdirSync('/proc').map(Number).filter(Number.isInteger)

/** What a process has started, in any of its threads, and what has not been waited for. */
export const childrenOf = (pid: number): number[] =>
  processes().filter((other) => new RegExp(`^PPid:\\s${pid}$`, 'm').test(ofProcess(other, 'status')))
