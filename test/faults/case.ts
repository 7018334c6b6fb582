// A way to fail, as a thing: its number and name, what is done, what must hold, and the function that does it.
// The same function runs in `npm test` (test/served/faults.test.ts, a few of them) and in `npm run faults` (run.ts,
// all of them). A case breaches what it checks, or throws when it cannot go on; both count as failed.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Ending } from '../harness/place.js'
import { compiled } from '../harness/root.js'
import type { Random } from './model/random.js'
import type { World, WorldOptions } from './world.js'

export interface Trial extends Ending {
  /** Of this case alone; made, empty. */
  readonly folder: string
  readonly random: Random
  /** The full measure of times and counts, where the everyday one is a part of it. */
  readonly long: boolean
  check(holds: boolean, what: string): void
  /** What was measured. */
  note(fact: string): void
  /** Waits until it holds, and checks that it took no longer than `limit` ms; resolves with what it took. */
  soon(limit: number, what: string, holds: () => boolean | Promise<boolean>): Promise<number>
  /** The standing world, to be left well; with options one of this case alone. */
  world(options?: WorldOptions): Promise<World>
}

export interface Case {
  readonly number: number
  readonly name: string
  readonly done: string
  readonly holds: string
  run(trial: Trial): Promise<void>
  /** Why it cannot run on this machine, asked before it runs; null: it can. */
  obstacle?(): string | null
}

/** The test of another subject that is this case, run as a process of its own; `only` names its subtest, by level. */
export interface Proof {
  readonly file: string
  readonly only?: readonly RegExp[]
  readonly env?: (long: boolean) => Readonly<Record<string, string>>
}

/** What TAP says of assertions that do not count. */
const EXCUSED = new RegExp(`# (${['TO' + 'DO', 'SKIP'].join('|')})`)

/** A case that tests elsewhere are already: they are run, and their assertions are its checks. */
export function provenBy(...proofs: readonly Proof[]): Case['run'] {
  const gone = proofs.find(({ file }) => !existsSync(compiled(`test/${file}`)))
  if (gone !== undefined) throw new Error(`test/${gone.file} is not there any more`)
  return async (trial) => {
    for (const { file, only, env } of proofs) {
      const { PATH = '', HOME = '' } = process.env
      const grep = only === undefined ? {} : { TAP_GREP: only.map(String).join('\n') }
      const path = compiled(`test/${file}`)
      const child = spawn(process.execPath, [path], {
        env: { PATH, HOME, TAP: '1', TAP_TIMEOUT: '3600', ...grep, ...env?.(trial.long) },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      trial.teardown(() => child.kill('SIGKILL'))
      let text = ''
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part))
      const code = await new Promise((ended) => child.once('close', ended))
      const lines = text.split('\n')
      const failed = lines.filter((line) => /^\s*not ok/.test(line) && !EXCUSED.test(line))
      const passed = lines.filter((line) => /^\s*ok\b/.test(line) && !EXCUSED.test(line) && !/\{$/.test(line))
      for (const line of failed.slice(0, 5)) trial.check(false, `${file}: ${line.trim()}`)
      trial.check(code === 0, `${file} ends well`)
      trial.check(passed.length > 0, `${file} has something that is meant`)
      for (const line of lines) {
        const said = /^\s*# (?!Subtest|time=|\{)(\S.*)/.exec(line)?.[1]
        if (said !== undefined && /\d/.test(said)) trial.note(said)
      }
      trial.note(`${passed.length} assertions in ${file}`)
    }
  }
}
