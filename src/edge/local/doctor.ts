// `mizani edge doctor`: whether this machine can do what an edge does, item by item, with what to do about it. It looks
// and changes nothing, but for one thing that must be asked for: `--listen` puts counters beside the traffic for some
// seconds, to see whose traffic no site claims.

import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import type { EdgeProfile } from '../../model/lease.js'
import { fromSeconds } from '../../model/units.js'
import { type Clock, systemClock } from '../../runtime/clock.js'
import type { Settings } from '../../runtime/config.js'
import { exitCodeOf, type Item, itemsText, ofEncryption } from '../../runtime/doctor.js'
import { MizaniError, messageOf, usageError } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { untilSignal } from '../../runtime/lifetime.js'
import { createLogger } from '../../runtime/log.js'
import { isRefusal } from '../../wire/bytes.js'
import { chooseDriver } from '../choose-driver.js'
import { chooseTransport } from '../choose-transport.js'
import type { Escape } from '../driver.js'
import { interfacesOf } from '../drivers/linux-htb/devices.js'
import { type Exec, exec as systemExec } from '../drivers/linux-htb/exec.js'
import { createMemoryStore } from '../memory.js'
import type { EdgeTransport } from '../transport.js'
import { edgeHere, socketOf, tableText } from './commands.js'
import { linkOf } from './link.js'
import { localRequest } from './local-socket.js'
import { listenForUnmapped, type Stranger } from './unmapped.js'

export interface Machine {
  readonly exec: Exec
  /** Content of a file; null: there is none, or it may not be read. */
  read(path: string): string | null
  exists(path: string): boolean
}

const systemMachine: Machine = {
  exec: systemExec,
  read(path) {
    try {
      return readFileSync(path, 'utf8').trim()
    } catch {
      return null
    }
  },
  exists: existsSync,
}

export interface DoctorArgs {
  readonly settings: Settings
  readonly json: boolean
  /** Seconds to listen for unmapped traffic; 0: do not. */
  readonly listen: number
}

/** Exit code 1 when something is bad. */
export async function runEdgeDoctor({ settings, json, listen }: DoctorArgs, io: Io): Promise<number> {
  const edge = edgeHere(settings)
  const clock = systemClock
  const findings: Item[] = [...(await lookAtMachine(settings.edge, systemMachine)), ...ofEncryption(settings.inClear)]
  findings.push(...(await lookAtDriver(settings, io, clock)))
  findings.push(await lookAtAgent(settings.data, edge))
  const { items, profile } = await reach(settings, edge, clock)
  findings.push(...items)
  const known = profile ?? (await createMemoryStore(join(settings.data, 'edge'), edge).load()).memory?.profile ?? null
  const strangers = listen > 0 ? await strangersAt(settings, known, listen, clock) : null
  if (json) io.stdout.write(`${JSON.stringify({ edge, findings, unmapped: strangers }, null, 2)}\n`)
  else io.stdout.write(`${itemsText(findings)}${strangersText(strangers)}`)
  return exitCodeOf(findings)
}

/** What shaping depends on and nobody else tells. */
export async function lookAtMachine(
  { lan, wan }: Pick<Settings['edge'], 'lan' | 'wan'>,
  machine: Machine,
): Promise<readonly Item[]> {
  return [
    { about: 'kernel', verdict: 'good', found: `Linux ${release()}` },
    timers(machine.read('/proc/net/psched')),
    source(machine.read('/sys/devices/system/clocksource/clocksource0/current_clocksource')),
    await wallClock(machine),
    await translation(machine),
    ...(await Promise.all([lan, wan].flatMap(interfacesOf).map((device) => gathering(device, machine)))),
  ]
}

/** Fourth word: timer ticks a second. HTB on a slow timer sends in lumps. */
function timers(psched: string | null): Item {
  const about = 'timers'
  const ticks = Number.parseInt(psched?.split(/\s+/)[3] ?? '', 16)
  if (!Number.isFinite(ticks)) return { about, verdict: 'unknown', found: 'there is no /proc/net/psched' }
  if (ticks >= 1_000_000_000) return { about, verdict: 'good', found: 'high resolution' }
  const advice = 'Rates are then kept only on average: boot with highres=on.'
  return { about, verdict: 'look', found: `${ticks} ticks a second`, advice }
}

function source(name: string | null): Item {
  const about = 'clock source'
  if (name === null) return { about, verdict: 'unknown', found: 'the kernel does not say' }
  if (!/^(hpet|acpi_pm|jiffies|pit)$/.test(name)) return { about, verdict: 'good', found: name }
  return {
    about,
    verdict: 'look',
    found: `${name}, which is slow to read`,
    advice: 'Shaping costs more time a packet.',
  }
}

async function wallClock({ exec, exists }: Machine): Promise<Item> {
  const about = 'clock'
  if (exists('/run/systemd/timesync/synchronized')) return { about, verdict: 'good', found: 'synchronised' }
  const { code, stdout } = await exec('timedatectl', ['show', '--property=NTPSynchronized', '--value'])
  if (code !== 0) return { about, verdict: 'unknown', found: 'nobody says whether it is synchronised' }
  if (stdout.trim() === 'yes') return { about, verdict: 'good', found: 'synchronised' }
  const advice = 'Leases do not depend on it; ends of bypass and hold, certificates and logs do.'
  return { about, verdict: 'look', found: 'not synchronised', advice }
}

/** Upload is classified before address translation; u32 sits behind it and would see one sender only. */
async function translation({ exec }: Machine): Promise<Item> {
  const about = 'translation'
  const { code, stdout } = await exec('nft', ['-j', 'list', 'ruleset'])
  if (code !== 0) return { about, verdict: 'unknown', found: 'nft does not answer; iptables is not asked' }
  const rules = (stdout.match(/"(masquerade|snat)"/g) ?? []).length
  if (rules === 0) return { about, verdict: 'good', found: 'no source NAT' }
  return { about, verdict: 'good', found: `${rules} rules of source NAT; nft classifies uploads before them` }
}

async function gathering(device: string, { exec, exists }: Machine): Promise<Item> {
  const about = device
  if (!exists(`/sys/class/net/${device}`)) {
    return { about, verdict: 'bad', found: 'there is no such interface', advice: 'See `ip link`, and --lan and --wan.' }
  }
  const { code, stdout } = await exec('ethtool', ['-k', device])
  if (code !== 0) return { about, verdict: 'unknown', found: 'ethtool does not say whether segments are gathered' }
  const on = [...stdout.matchAll(/^(generic-receive-offload|tcp-segmentation-offload|large-receive-offload): on/gm)]
  const found =
    on.length === 0 ? 'segments are not gathered' : `gathers segments (${on.map(([, name]) => name).join(', ')})`
  if (!on.some(([, name]) => name === 'large-receive-offload')) {
    return { about, verdict: 'good', found: `${found}; turns of the queues are sized for that` }
  }
  return { about, verdict: 'look', found, advice: `A router must not gather for others: ethtool -K ${device} lro off` }
}

async function lookAtDriver(settings: Settings, io: Io, clock: Clock): Promise<Item[]> {
  const { driver: name } = settings.edge
  if (name === null) return [{ about: 'driver', verdict: 'unknown', found: 'say --driver, or edge.driver in the file' }]
  try {
    const own = { ...settings.edge, secret: settings.deviceSecret ?? null }
    const log = createLogger('edge', 'silent', io.stderr)
    const driver = await chooseDriver(name, own, { io, clock, log })
    const { facts, obstacles } = await driver.probe()
    const beside = await driver.surroundings?.().catch(() => null) // the driver's obstacles say why
    await driver.close()
    const found = Object.entries(facts).map(([fact, value]) => `${fact}: ${value}`)
    return [
      { about: 'driver', verdict: obstacles.length > 0 ? 'bad' : 'good', found: `${name} (${found.join(', ')})` },
      ...obstacles.map((obstacle): Item => ({ about: 'driver', verdict: 'bad', found: obstacle })),
      ...(beside?.escapes ?? []).map(ofEscape),
    ]
  } catch (error) {
    const advice = error instanceof MizaniError ? error.advice : undefined
    return [{ about: 'driver', verdict: 'bad', found: messageOf(error), ...(advice === undefined ? {} : { advice }) }]
  }
}

const WHAT_TO_DO: Readonly<Record<Escape['code'], string>> = {
  PAST: 'Let it leave by --wan, or name that interface there too; `edge status` says how much went uncounted.',
  TUNNEL: 'Let another machine behind --wan make the tunnel, or one that shows its sender: VXLAN, GRE, Geneve.',
  VRF: 'Name the interfaces by which the VRF sends in --lan and --wan.',
  FLOWTABLE: 'Take --lan and --wan out of it: nft list flowtables.',
  FASTTRACK: 'Disable that rule, or keep the sites out of it: what it takes has no limit.',
}

const ofEscape = ({ code, subject, found, used }: Escape): Item => ({
  about: 'escapes',
  verdict: used ? 'bad' : 'look',
  found: `${code} ${subject}: ${found}`,
  advice: WHAT_TO_DO[code],
})

async function lookAtAgent(data: string, edge: string): Promise<Item> {
  try {
    await localRequest(socketOf(data, edge), 'GET', '/status')
    return { about: 'agent', verdict: 'good', found: 'answers' }
  } catch (error) {
    return { about: 'agent', verdict: 'bad', found: messageOf(error), advice: 'systemctl start mizani-edge' }
  }
}

/** Longer than a dial that nobody answers. */
const PATIENCE = 6_000
const PAUSE = 100

/** A connection that was just opened takes a moment: tries again until it works or the time is over. */
export async function patiently<T>(read: () => Promise<T>, clock: Clock): Promise<T> {
  const until = clock.monotonic() + PATIENCE
  for (;;) {
    try {
      return await read()
    } catch (error) {
      if (clock.monotonic() >= until) throw error
      await clock.sleep(PAUSE)
    }
  }
}

interface Reached {
  readonly items: readonly Item[]
  readonly profile: EdgeProfile | null
}

/** By the way the agent takes, with the account it has. */
async function reach(settings: Settings, edge: string, clock: Clock): Promise<Reached> {
  try {
    const transport = chooseTransport(settings, { edge, clock, log: createLogger('edge', 'silent') })
    transport.open({ linked() {}, received() {}, refused() {} })
    try {
      return await lookAtLink(transport, clock)
    } finally {
      await transport.close()
    }
  } catch (error) {
    return { items: [failed(messageOf(error), error instanceof MizaniError ? error.advice : undefined)], profile: null }
  }
}

const failed = (found: string, advice = 'The edge goes on by its memory, then by its safe rates.'): Item => ({
  ...{ about: 'rates', verdict: 'bad', found, advice },
})

/** Whether rates come this way, or why they do not; and what is to be done about the certificate that is shown. */
export async function lookAtLink(transport: EdgeTransport, clock: Clock): Promise<Reached> {
  const begun = clock.monotonic()
  const read = async (): Promise<[Item, EdgeProfile | null]> => {
    try {
      const found = await patiently(() => transport.readProfile(), clock)
      if (found === null) return [failed('reached, but nothing is published for this edge'), null]
      if (isRefusal(found)) return [failed(`reached, but its profile is not usable: ${found.detail}`), null]
      const took = Math.round(clock.monotonic() - begun)
      return [{ about: 'rates', verdict: 'good', found: `reached in ${took} ms` }, found.profile]
    } catch (error) {
      const away = transport.whyAway?.()
      return [away ? failed(away.reason, away.advice) : failed(messageOf(error)), null]
    }
  }
  const [item, profile] = await read()
  return { items: [item, ...ofCertificate(transport, clock)], profile }
}

function ofCertificate(transport: EdgeTransport, clock: Clock): Item[] {
  const { certificate } = linkOf(transport, clock.wall())
  if (certificate === null) return []
  const advice = 'The store lets nobody in without a good one: put a new one in its place.'
  return [{ about: 'certificate', verdict: 'bad', found: certificate, advice }]
}

async function strangersAt(
  { edge }: Settings,
  profile: EdgeProfile | null,
  seconds: number,
  clock: Clock,
): Promise<readonly Stranger[]> {
  const lan = interfacesOf(edge.lan)
  if (lan.length === 0) throw usageError('Where should be listened?', 'Say --lan IF, or edge.lan in the settings file.')
  if (!profile) throw usageError('Which sites are known is not known: this edge has no profile yet.')
  // Whoever has seen enough ends it, and what counts is taken out of the kernel all the same.
  const ending = new AbortController()
  void untilSignal().then(() => ending.abort())
  return listenForUnmapped(lan, profile, fromSeconds(seconds), { exec: systemExec, clock, ending: ending.signal })
}

function strangersText(strangers: readonly Stranger[] | null): string {
  if (strangers === null) return ''
  if (strangers.length === 0) return '\nNo traffic of unknown addresses was seen.\n'
  const rows = strangers.map(({ address, direction, bytes, packets }) => [address, direction, `${bytes}`, `${packets}`])
  return `\nTraffic that no site claims:\n${tableText([['address', 'dir', 'bytes', 'packets'], ...rows])}`
}
