// Programs that do not outlive us, however we end. A shell stands between us and each of them and reads a pipe of ours:
// its end, even by kill -9, is the program's end.

import { type ChildProcess, spawn } from 'node:child_process'

/**
 * The guard, a second shell, reads our pipe and sees its end when this process is gone, by whatever means; then it
 * kills the program. The first shell waits for both, so neither stays as a zombie where process 1 waits for nobody.
 * (Without `3<&0` the shell would give the guard /dev/null, and the program would die at once. Only `-9` ends the
 * guard for sure: a guard that has just been forked can lose a TERM, because it still has the first shell's trap.)
 */
const GUARD = `exec 3<&0
"$0" "$@" 3<&- </dev/null & program=$!
trap 'kill "$program"' TERM INT
(while read -r line <&3; do :; done; kill -9 "$program" 2>/dev/null) & guard=$!
wait "$program"; code=$?
while kill -0 "$program" 2>/dev/null; do wait "$program"; code=$?; done
kill -9 "$guard" 2>/dev/null; wait "$guard" 2>/dev/null
exit $code`

export interface GuardedOptions {
  readonly cwd: string
  /** All that it sees of the environment; absent: ours. */
  readonly env?: Readonly<Record<string, string>>
  /** What it prints can be read; absent: nobody does. */
  readonly isHeard?: boolean
}

/** In a process group of its own: Ctrl-C reaches us alone, and what is left of the group can be killed as one. */
export function spawnGuarded(
  program: string,
  args: readonly string[],
  { cwd, env, isHeard = false }: GuardedOptions,
): ChildProcess {
  const said = isHeard ? 'pipe' : 'ignore'
  const stdio: ['pipe', typeof said, typeof said] = ['pipe', said, said]
  return spawn('sh', ['-c', GUARD, program, ...args], { cwd, detached: true, stdio, ...(env && { env: { ...env } }) })
}

/** Its code; null: a signal ended it, or it never was. */
export const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((done) => {
    child.once('exit', done)
    child.once('error', () => done(null))
  })

/** The shell, the program, and whatever it has started. */
export function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone already.
  }
}
