// The thin rim: runs tc and nft, one short-lived process a call, and follows what one says that goes on (monitor.ts). A
// long-lived `tc -batch -` would be no faster (2 ms), and it remembers interface numbers: after an interface was made
// anew every line of it fails.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { Milliseconds } from '../../../model/units.js'
import { messageOf } from '../../../runtime/errors.js'

export interface Run {
  /** Exit code; null: killed, or never started. */
  readonly code: number | null
  readonly stdout: string
  /** Cut at 64 KiB: when an interface goes away in a batch, every remaining line complains. */
  readonly stderr: string
}

/** Never rejects: a tool that is missing or hangs is told in `stderr`. */
export type Exec = (command: string, args: readonly string[], input?: string) => Promise<Run>

const STDERR_CAP = 64 * 1024
/** A cold build of the largest tree takes 0.5 s. */
const TIMEOUT: Milliseconds = 10_000

export const exec: Exec = (command, args, input = '') =>
  new Promise((resolve) => {
    // Not spawn's own: of a tool that is missing its timer goes on, and with it the process that asked.
    const late = AbortSignal.timeout(TIMEOUT)
    const failed = (why: string): void => {
      const stderr = `${command}: ${late.aborted ? `ended, for it took more than ${TIMEOUT} ms` : why}`
      resolve({ code: null, stdout: '', stderr })
    }
    const options = { stdio: 'pipe', signal: late, killSignal: 'SIGKILL' } as const
    const child = launch(command, args, options, failed)
    if (!child) return
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < STDERR_CAP) stderr = (stderr + text).slice(0, STDERR_CAP)
    })
    child.on('close', (code, signal) => {
      const killed = signal === null ? '' : `${command} was ended by ${signal}\n`
      resolve({ code, stdout, stderr: killed + stderr })
    })
    // A child that ends before it has read everything breaks the pipe; its exit code and stderr say why.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })

interface Launched extends ChildProcess {
  readonly stdout: Readable
  readonly stderr: Readable
  readonly stdin: Writable | null
}

/**
 * Never throws: what keeps it from starting is told, now or soon. Where there is no descriptor left Node hands out a
 * child without pipes; where there is no memory it throws.
 */
function launch(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
  failed: (why: string) => void,
): Launched | null {
  try {
    const child = spawn(command, args, options)
    child.on('error', (error) => failed(error.message))
    // Both are pipes wherever they could be made.
    return child.stdout && child.stderr ? (child as Launched) : null
  } catch (error) {
    failed(messageOf(error))
    return null
  }
}

/** Starts a tool that goes on, and says each line of it; what is returned ends it. Never throws. */
export type Follow = (
  command: string,
  args: readonly string[],
  on: {
    line(text: string): void
    /** It is over, by itself or because it could not be started. */
    ended(why: string): void
  },
) => () => void

/** Longer ones are cut: what a line is about stands at its beginning. */
const LINE_CAP = 64 * 1024

export const follow: Follow = (command, args, on) => {
  let isOver = false
  const ended = (why: string): void => {
    if (!isOver) on.ended(why)
    isOver = true
  }
  const stdio: SpawnOptions['stdio'] = ['ignore', 'pipe', 'pipe']
  const child = launch(command, args, { stdio }, (why) => ended(`${command}: ${why}`))
  if (!child) return () => {}
  let rest = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!.slice(0, LINE_CAP)
    for (const line of lines) on.line(line)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(0, LINE_CAP)
  })
  child.on('exit', (code, signal) => ended(stderr.trim() || `${command} ended (${code ?? signal})`))
  return () => child.kill()
}
