// The long attack by half-open connections: `npm run attack -- --only connections [--seed N] [--planted]`.
//
// A control of 20 s without an attack, then 60 s in which four addresses want to hold 30,000 half-open connections and
// open another for each that is ended. Ticks, stores, key files and 28 gateways over HTTPS go on as in the control, an
// honest client is answered within a second, and the alarm names the four addresses. `--planted` takes the limits of
// the server away by its settings: then the checks must fail.

import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { compiled } from '../../harness/root.js'
import { until } from '../../harness/until.js'
import { Endings } from '../stage.js'
import { type AttackedOptions, AttackedPlane, DESCRIPTORS } from './attacked-plane.js'
import { ConnectionWatch, type Phase } from './connection-watch.js'
import type { HalfOpenCounts, HalfOpenOrder } from './half-open.js'

const ADDRESSES = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5']
const WANTED = 30_000
const EDGES = 28
/** Alarms of a start are over, and each edge has said what it carries. */
const SETTLE = 40_000
const CONTROL = 20_000
const ATTACK = 60_000
/** For what the attackers leave behind. */
const AFTER = 5_000
const ALARM = 'CONNECTIONS_LIMITED'
/** What the server itself says of an attack. */
const EXPECTED_WARNING = 'an address has too many connections: some are ended or refused'

interface Attacked {
  readonly control: Phase
  readonly attack: Phase
  readonly attackers: readonly HalfOpenCounts[]
  readonly descriptorsAfter: number
}

/** @returns whether all checks hold. */
export async function attackByConnections(options: AttackedOptions): Promise<boolean> {
  const began = performance.now()
  const endings = new Endings()
  const folder = mkdtempSync(join(tmpdir(), 'mizani-connections-'))
  endings.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
  process.once('SIGINT', () => void endings.end().then(() => process.exit(130)))
  const attacked = await played(folder, options, endings).finally(() => endings.end())
  showTable(attacked)
  const checks = checksOf(attacked)
  for (const [kept, what] of checks) console.log(`  ${kept ? 'holds ' : 'BREACH'} ${what}`)
  const breaches = checks.filter(([kept]) => !kept).length
  const minutes = ((performance.now() - began) / 60_000).toFixed(1)
  const verdict = breaches === 0 ? 'holds' : `BREACHED (${breaches} of ${checks.length} checks)`
  const how = options.planted ? ', planted: no limits' : ''
  console.log(`attack by connections: seed ${options.seed}${how}, ${minutes} min: ${verdict}`)
  return breaches === 0
}

async function played(folder: string, options: AttackedOptions, endings: Endings): Promise<Attacked> {
  const watch = new ConnectionWatch()
  const plane = await AttackedPlane.start(folder, options, (said) => watch.hear(said), endings)
  const areFresh = async (): Promise<boolean> =>
    (await plane.get<{ edges: { fresh: number } }>('/v1/status')).edges.fresh === EDGES
  await until(areFresh, `${EDGES} edges are FRESH`, 500)
  await sleep(SETTLE)
  const control = await watch.phase(plane, CONTROL)
  const counts = new Map<string, HalfOpenCounts>()
  const attackers = ADDRESSES.map((from, k) => {
    const child = fork(compiled('test/faults/attack/half-open.ts'), { execArgv: [] })
    endings.teardown(() => child.kill('SIGKILL'))
    child.on('message', (said: HalfOpenCounts) => counts.set(from, said))
    const order: HalfOpenOrder = { port: plane.port, from, wanted: WANTED / ADDRESSES.length, seed: options.seed + k }
    child.send(order)
    return child
  })
  const attack = await watch.phase(plane, ATTACK)
  for (const child of attackers) child.kill('SIGKILL')
  await sleep(AFTER)
  return { control, attack, attackers: ADDRESSES.map((from) => counts.get(from)!), descriptorsAfter: plane.descriptors }
}

const at = (times: readonly number[], q: number): number =>
  [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(q * times.length))] ?? Number.POSITIVE_INFINITY
const ms = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(0)} ms` : 'never')

function showTable({ control, attack, attackers, descriptorsAfter }: Attacked): void {
  const rows: readonly (readonly [string, (phase: Phase) => string])[] = [
    ['seconds', ({ seconds }) => seconds.toFixed(1)],
    ['ticks a second', ({ tickRate }) => tickRate.toFixed(2)],
    ['longest gap between ticks', ({ longestGap }) => ms(longestGap)],
    ['edges that were not FRESH', ({ notFresh }) => String(notFresh.length)],
    ['longest silence of an edge', ({ silence }) => ms(silence)],
    ['least that was left of a lease', ({ leaseLeft }) => ms(leaseLeft)],
    ['honest client: answers', ({ honest }) => String(honest.length)],
    ['honest client: p50', ({ honest }) => ms(at(honest, 0.5))],
    ['honest client: p99', ({ honest }) => ms(at(honest, 0.99))],
    ['honest client: slowest', ({ honest }) => ms(at(honest, 1))],
    ['tokens made, used and ended', ({ tokens }) => String(tokens)],
    ['new key at all edges after', ({ keysTook }) => ms(keysTook)],
    ['faults', ({ faults }) => String(faults.length)],
    ['kinds of warnings in the log', ({ warnings }) => String(warnings.size)],
    ['dropped, the queue was full', ({ dropped }) => String(dropped)],
    ['time that programs of the machine wait', ({ pressure }) => `${(100 * pressure).toFixed(0)} %`],
    [`descriptors at most (of ${DESCRIPTORS})`, ({ descriptors }) => String(descriptors)],
    ['processor of the controller', ({ cpu }) => `${(100 * cpu).toFixed(0)} %`],
    ['memory at most', ({ residentMb }) => `${residentMb} MB`],
  ]
  console.log(`${''.padEnd(38)}${'control'.padStart(12)}${'attack'.padStart(12)}`)
  for (const [name, of] of rows) console.log(name.padEnd(38) + of(control).padStart(12) + of(attack).padStart(12))
  ADDRESSES.forEach((from, k) => {
    const { opened, ended, refused, open, mostOpen, cpu } = attackers[k]!
    const counts = `opened ${opened}, ended ${ended}, refused ${refused}, open at most ${mostOpen}, at the end ${open}`
    console.log(`${from}: ${counts}, ${cpu.toFixed(0)} s of processor`)
  })
  console.log(`descriptors ${AFTER / 1_000} s after the attack: ${descriptorsAfter}`)
  console.log('The alarm is cleared 6 min after the last connection that was ended; that is not waited for.')
  for (const [name, { faults, warnings, notFresh }] of Object.entries({ control, attack })) {
    for (const fault of faults.slice(0, 5)) console.log(`  ${name}: ${fault}`)
    for (const [what, times] of warnings) console.log(`  ${name}: log says ${times} times: ${what}`)
    if (notFresh.length > 0) console.log(`  ${name}: ${notFresh.slice(0, 8).join(', ')}`)
  }
}

function checksOf({ control, attack, attackers }: Attacked): readonly (readonly [boolean, string])[] {
  const opened = attackers.reduce((sum, one) => sum + one.opened, 0)
  const others = [...attack.warnings.keys()].filter((what) => what !== EXPECTED_WARNING && !control.warnings.has(what))
  const named = attack.alarms.find(({ code }) => code === ALARM)?.members ?? []
  const known = new Set(control.alarms.map(({ code }) => code))
  const raised = attack.alarms.map(({ code }) => code).filter((code) => code !== ALARM && !known.has(code))
  const slowest = at(attack.honest, 1)
  return [
    [opened >= WANTED, `${opened} half-open connections were opened (of ${WANTED})`],
    [
      attack.tickRate >= 0.95 * control.tickRate,
      `${attack.tickRate.toFixed(2)} ticks a second (control ${control.tickRate.toFixed(2)})`,
    ],
    [attack.longestGap <= 2_000, `longest gap between ticks ${ms(attack.longestGap)} (of 2000)`],
    [attack.notFresh.length === 0, `${attack.notFresh.length} edges were not FRESH (of ${EDGES})`],
    [
      attack.silence <= control.silence + 2_000,
      `longest silence of an edge ${ms(attack.silence)} (of 2000 more than the control)`,
    ],
    [
      attack.leaseLeft >= control.leaseLeft - 2_000,
      `least that was left of a lease ${ms(attack.leaseLeft)} (of 2000 less than the control)`,
    ],
    [slowest <= 1_000, `honest client p50 ${ms(at(attack.honest, 0.5))}, slowest ${ms(slowest)} (of 1000)`],
    [attack.faults.length === 0, `stores: ${attack.tokens} tokens written, ${attack.faults.length} faults`],
    [others.length === 0, `log: ${others.join('; ') || 'nothing that the control does not say'}`],
    [attack.keysTook <= control.keysTook + 5_000, `key files: each edge has its new key after ${ms(attack.keysTook)}`],
    [ADDRESSES.every((address) => named.includes(address)), `alarm ${ALARM} names ${named.join(', ') || 'no address'}`],
    [raised.length === 0, `other alarms: ${raised.join(', ') || 'none'}`],
  ]
}
