// A small edge for the tests: two institutions behind one port, one service, four classes; and what stands around it.

import type { Received } from '../../src/edge/lease-keeper.js'
import type { ProfileInForce } from '../../src/edge/memory.js'
import type { EdgeTransport, TransportListener } from '../../src/edge/transport.js'
import { type EdgeProfile, type RateRecord, type Refusal, recordKey } from '../../src/model/lease.js'
import type { LineProfile } from '../../src/model/network.js'
import type { RateMessage, SentReport } from '../../src/wire/messages.js'
import { encodeProfile } from '../../src/wire/profile.js'

export const BOOT = '00112233445566aa'
export const OTHER_BOOT = 'ffeeddccbbaa9988'

/** Rates in kbit/s; classes share them evenly, the first takes what is left over. */
export function rateRecord(institution: number, direction: 0 | 1, rate: number, safe = 256): RateRecord {
  const part = Math.floor(rate / 4)
  return { institution, service: 0, direction, rate, safe, burst: 3_028, classes: [rate - 3 * part, part, part, part] }
}

const profile: EdgeProfile = {
  format: 1,
  plane: 'test',
  edge: 'dar-1',
  enforcement: 'enforce',
  until: null,
  pace: 'live',
  line: 'fibre',
  tick: 1_000,
  lease: 60_000,
  staleAfterTicks: 3,
  bootRate: 256_000,
  port: { down: 15e6, up: 15e6 },
  institutions: [institution(2, 'posta'), institution(3, 'tra')],
  services: [{ index: 0, id: 'internet', prefixes: [] }],
  classes: ['realtime', 'business', 'standard', 'bulk'].map((id, index) => ({
    index,
    id,
    dscp: [],
    weight: [4, 4, 2, 1][index]!,
    guarantee: 0.1,
  })),
}

export const PROFILE_HASH = encodeProfile(profile).hash

/** The same object each time unless something is changed, as an agent holds it. */
export const edgeProfile = (more?: Partial<EdgeProfile>): EdgeProfile => (more ? { ...profile, ...more } : profile)

/** The same in format 2. */
export const edgeProfile2 = (more: Partial<EdgeProfile> = {}): EdgeProfile => {
  const promised = ([0, 1] as const).map((direction) => ({
    ...{ service: 0, direction, guarantee: 1e6, ceiling: 8e6 },
  }))
  const institutions = profile.institutions.map((one) => ({ ...one, promised }))
  return { ...profile, format: 2, after: null, institutions, ...more }
}

function institution(index: number, id: string): EdgeProfile['institutions'][number] {
  const access = { down: 10e6, up: 10e6 }
  return {
    index,
    id,
    name: { en: id, sw: id },
    sites: [{ id: `${id}-hq`, prefixes: [`10.1.${index}.0/24`], vlan: null, access }],
  }
}

/** Controller and carrier in one: publishes as the real one does, keeps what is stored, and can lose or be away. */
export class Carrier implements EdgeTransport {
  readonly sent: Received[] = []
  readonly reports: SentReport[] = []
  snapshotReads = 0
  /** Messages on the channel are lost. */
  losing = false
  /** The store cannot be read or written. */
  away = false
  onReport: (report: SentReport) => void = () => {}
  /** What kind of line it was said to be. */
  line: LineProfile | null = null
  epoch = 1
  seq = 0
  #contentSeq = 0
  #records: readonly RateRecord[] = []
  #stored: Received | null = null
  #listener: TransportListener | null = null
  #profile: EdgeProfile
  #storedProfile: ProfileInForce | null = null
  #hash = ''

  constructor(profile: EdgeProfile = edgeProfile()) {
    this.#profile = profile
    this.useProfile(profile)
  }

  get lastReport(): SentReport | undefined {
    return this.reports.at(-1)
  }

  get lastCrc(): number | undefined {
    return this.sent.findLast(({ message }) => message.kind !== 'heartbeat')?.crc
  }

  get profileHash(): string {
    return this.#hash
  }

  useProfile(profile: EdgeProfile, { stored = true } = {}): void {
    this.#profile = profile
    this.#hash = encodeProfile(profile).hash
    if (stored) this.#storedProfile = { profile, hash: this.#hash }
  }

  suits(line: LineProfile): void {
    this.line = line
  }

  newLeader(): void {
    this.epoch++
    this.seq = 0
  }

  snapshot(records: readonly RateRecord[], more: Partial<RateMessage> = {}): void {
    this.#records = records
    this.#publish('snapshot', 0, records, more)
  }

  delta(records: readonly RateRecord[], more: Partial<RateMessage> = {}): void {
    const changed = new Map(records.map((record) => [recordKey(record), record]))
    this.#records = this.#records.map((record) => changed.get(recordKey(record)) ?? record)
    this.#publish('delta', this.#contentSeq, records, more)
  }

  heartbeat(more: Partial<RateMessage> = {}): void {
    this.#publish('heartbeat', this.#contentSeq, [], more)
  }

  replay(received: Received): void {
    this.#listener?.received(received)
  }

  deliverRefusal(refusal: Refusal): void {
    this.#listener?.refused(refusal)
  }

  #publish(
    kind: RateMessage['kind'],
    baseSeq: number,
    records: readonly RateRecord[],
    more: Partial<RateMessage>,
  ): void {
    this.seq++
    const stamp = this.lastReport?.stamp ?? null
    const { epoch, seq } = this
    const head = { version: 1, edge: 'dar-1', epoch, seq, revision: 1, profile: this.#hash, lease: this.#profile.lease }
    const message: RateMessage = { ...head, kind, baseSeq, stamp, records, ...more }
    const received = { message, crc: epoch * 1_000 + seq }
    if (kind !== 'heartbeat') {
      this.#contentSeq = seq
      this.#stored = {
        message: { ...message, kind: 'snapshot', baseSeq: 0, records: this.#records },
        crc: received.crc,
      }
    }
    this.sent.push(received)
    if (!this.losing) this.#listener?.received(received)
  }

  open(listener: TransportListener): void {
    this.#listener = listener
    listener.linked()
  }

  relink(): void {
    this.#listener?.linked()
  }

  async readSnapshot(): Promise<Received | null> {
    this.snapshotReads++
    if (this.away) throw new Error('away')
    return this.#stored
  }

  async readProfile(): Promise<ProfileInForce | null> {
    if (this.away) throw new Error('away')
    return this.#storedProfile
  }

  async sendReport(report: SentReport): Promise<void> {
    if (this.away) throw new Error('away')
    this.reports.push(report)
    this.onReport(report)
  }

  reconnect(): void {}

  async close(): Promise<void> {
    this.#listener = null
  }
}
