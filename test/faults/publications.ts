// Whether a publication is ever seen in part: leaders that publish without pause are killed one after the other, and
// what the store holds after each death is read.

import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Plan } from '../../src/model/plan.js'
import { isRefusal } from '../../src/wire/bytes.js'
import { decodeRates } from '../../src/wire/codec.js'
import { keys } from '../../src/wire/redis-keys.js'
import { compiled } from '../harness/root.js'
import { until } from '../harness/until.js'
import type { Trial } from './case.js'
import { geography } from './model/plane.js'
import { Store } from './processes.js'
import { signIn } from './redis-server.js'
import { planeOfMany } from './storm.js'

export const HASTY_PLANE = 'hasty'
export const HASTY_EDGES = Array.from({ length: 8 }, (_, k) => `edge-000${k}`)
export const HASTY_LEASE = 150
export const RECORDS = 200

export const planOfHaste = (): Plan => geography(planeOfMany(HASTY_EDGES.length, 60_000), {}).plan

export async function killLeaders(trial: Trial, deaths: number): Promise<void> {
  const { url } = await Store.start(trial, { folder: join(trial.folder, 'store') })
  const redis = await signIn(trial, url)
  const names = keys(HASTY_PLANE)
  const source = compiled('test/faults/leader-process.ts')
  let ruling: { readonly child: ChildProcess; readonly epoch: number } | null = null
  let made = 0
  const start = (): ChildProcess => {
    const child = fork(source, [url, `leader-${made++}`], { execArgv: [] })
    trial.teardown(() => child.kill('SIGKILL'))
    child.on('message', ({ epoch }: { epoch: number }) => {
      ruling = { child, epoch }
    })
    return child
  }
  const waiting = [start(), start()]
  let publications = 0
  const faults: string[] = []
  for (let k = 0; k < deaths; k++) {
    const { child } = await until(() => ruling, 'somebody leads')
    await sleep(trial.random.between(5, 60))
    ruling = null
    child.kill('SIGKILL')
    waiting.splice(waiting.indexOf(child), 1)
    waiting.push(start())
    const [epoch, seq] = (await redis.hmget(names.head, 'epoch', 'seq')).map(Number)
    publications += seq!
    for (const edge of HASTY_EDGES) {
      const bytes = await redis.getBuffer(names.snap(edge))
      const message = bytes === null ? null : decodeRates(bytes, { edge })
      if (message === null || isRefusal(message)) faults.push(`${edge} has nothing`)
      // The next leader may have begun meanwhile.
      else if (message.epoch === epoch && message.seq < seq!) faults.push(`${edge} is at ${message.seq} of ${seq}`)
      else if (message.records.length !== RECORDS || message.records.some(({ rate }) => rate !== message.seq))
        faults.push(`${edge} has parts of two publications`)
    }
  }
  trial.check(faults.length === 0, faults.slice(0, 3).join('; ') || 'no edge has seen a publication in part')
  trial.note(`${deaths} deaths, at least ${publications} publications`)
}
