// Processes of a test: who ends without being told to is noted, and each ends with its test. A program of Mizani says
// in one line of its log that it is ready, and where.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Ending } from './place.js'
import { CLI, ROOT } from './root.js'
import { until } from './until.js'

export class Child {
  readonly child: ChildProcess
  /** Its exit code, once it has ended and all that it said is here; null: a signal. */
  readonly ended: Promise<number | null>
  /** Ended by us; anything else is a fault. */
  #told = false

  constructor(child: ChildProcess, ending: Ending) {
    this.child = child
    this.ended = once(child, 'close').then(([code]) => code as number | null)
    ending.teardown(() => this.end('SIGKILL'))
  }

  get runs(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  get fell(): boolean {
    return !this.runs && !this.#told
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#told = true
    if (this.runs) this.child.kill(signal)
  }

  /** As `kill`; resolves when it is gone. */
  end(signal: NodeJS.Signals): Promise<number | null> {
    this.kill(signal)
    return this.ended
  }

  stop(): void {
    this.child.kill('SIGSTOP')
  }

  goOn(): void {
    this.child.kill('SIGCONT')
  }
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>
  /** What Node runs before the arguments; the command line of Mizani unless said. */
  readonly program?: readonly string[]
}

/** How this process makes room and compiles (src/bin/test.mjs): as a test runs, so does what it starts. */
const PACE = process.execArgv.filter((flag) => /semi-space|interrupt-budget/.test(flag))

/** `mizani …` as a process, with nothing of our environment but the path, and the clock (shifted-clock.mjs). */
export class Program extends Child {
  /** What it has said so far, on both streams. */
  readonly log: () => string
  #url = ''

  constructor(args: readonly string[], ending: Ending, { env = {}, program = [CLI] }: ProgramOptions = {}) {
    const { PATH = '', HOME = '', TESTS_AHEAD_MS, NODE_OPTIONS = '' } = process.env
    const shifted = TESTS_AHEAD_MS === undefined ? {} : { TESTS_AHEAD_MS, NODE_OPTIONS }
    const child = spawn(process.execPath, [...PACE, ...program, ...args], {
      cwd: ROOT,
      env: { PATH, HOME, ...shifted, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    super(child, ending)
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part))
    this.log = () => text
  }

  /** Where it listens, once it is ready. */
  get url(): string {
    return this.#url
  }

  /** Told to end, it does: whole, or, where a machine has much to do, with the word that time did not suffice. */
  async endsInOrder(): Promise<boolean> {
    const code = await this.end('SIGTERM')
    return code === 0 || (code === 1 && this.log().includes('not everything had ended in time'))
  }

  /** Resolves when it says that it is ready. @throws Error with its words when it ends instead. */
  async ready(): Promise<this> {
    this.#url = await until(() => {
      if (!this.runs) throw new Error(this.log())
      return /"url":"([^"]+)"[^\n]*"msg":"ready"/.exec(this.log())?.[1]
    }, 'its ready line')
    return this
  }
}
