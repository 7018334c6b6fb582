// The controller and its edges in one process, on a manual clock, with the bytes that would cross the wire counted. For
// benches that ask how much is said, not how fast: no store, no network, every message encoded and decoded.

import type { EdgeTransport, TransportListener } from '../src/edge/transport.js'
import type { EdgeReport } from '../src/model/lease.js'
import { provisionalIndexes } from '../src/policy/compile/compile.js'
import type { PolicyDocument } from '../src/policy/document/document.js'
import { NOTHING_IN_FORCE } from '../src/policy/in-force/holding.js'
import type { LinkState } from '../src/policy/in-force/link-state.js'
import { Freshness } from '../src/publish/freshness.js'
import type { RatesStore } from '../src/publish/rates-store.js'
import type { Clock } from '../src/runtime/clock.js'
import type { Logger } from '../src/runtime/log.js'
import { Controller } from '../src/tick/controller.js'
import type { SolverThreads } from '../src/tick/solver.js'
import { isRefusal } from '../src/wire/bytes.js'
import { crcOf, decodeRates, encodeRates, encodeReport } from '../src/wire/codec.js'
import type { RateMessage } from '../src/wire/messages.js'
import { decodeProfile } from '../src/wire/profile-reader.js'
import { ReportReader } from '../src/wire/report-reader.js'

export interface BusOptions {
  readonly document: PolicyDocument
  readonly clock: Clock
  readonly log: Logger
  readonly solver: SolverThreads
}

/** Bytes since the last `reset`, by edge. */
export interface Traffic {
  readonly down: Map<string, number>
  readonly up: Map<string, number>
}

export class Bus {
  readonly controller: Controller
  readonly traffic: Traffic = { down: new Map(), up: new Map() }
  /** What monitoring says of links. */
  links: readonly LinkState[] = []
  readonly #listeners = new Map<string, TransportListener>()
  readonly #snapshots = new Map<string, RateMessage>()
  readonly #profiles = new Map<string, Buffer>()
  readonly #reader = new ReportReader()
  readonly #freshness: Freshness
  readonly #reports = new Map<string, EdgeReport>()
  #heard: (report: EdgeReport) => void = () => {}

  constructor({ document, clock, log, solver }: BusOptions) {
    this.#freshness = new Freshness(clock)
    const indexes = provisionalIndexes(document)
    const revision = { document, revision: 1, hash: 'sha256:bench', indexes }
    this.controller = new Controller({
      id: 'bench',
      clock,
      log,
      solver,
      store: this.#store(),
      // Its clock is manual: what the thread lets come between two pieces takes no time of it.
      round: async () => undefined,
      situation: () => ({ revision, inForce: { ...NOTHING_IN_FORCE, links: this.links }, switches: new Map() }),
    })
  }

  reset(): void {
    this.traffic.down.clear()
    this.traffic.up.clear()
  }

  #store(): RatesStore {
    return {
      election: { elect: async () => ({ leads: true, epoch: 1, leader: 'bench' }), resign: async () => undefined },
      outgoing: {
        publish: async (_id, _serial, publications) => {
          for (const { edge, profile, snapshot, message } of publications) {
            this.#profiles.set(edge, profile)
            if (snapshot) this.#snapshots.set(edge, snapshot)
            this.#deliver(edge, message)
          }
          return { lost: [] }
        },
      },
      incoming: {
        readReports: async () => [...this.#reports.values()],
        onReport: (heard) => {
          this.#heard = heard
        },
        admitBy: () => undefined,
      },
      feed: {
        readSnapshots: async () => new Map(),
        readContents: async () => ({ contents: [], whole: true }),
        watch: async () => new Map(),
        logOf: () => ({ contents: [], hasGap: true }),
        leave: () => undefined,
      },
      freshness: this.#freshness,
    }
  }

  #deliver(edge: string, message: RateMessage): void {
    const bytes = encodeRates(message)
    add(this.traffic.down, edge, bytes.length)
    const decoded = decodeRates(bytes, { edge })
    if (isRefusal(decoded)) throw new Error(`our own message is refused: ${decoded.detail}`)
    this.#listeners.get(edge)?.received({ message: decoded, crc: crcOf(bytes) })
  }

  transport(edge: string): EdgeTransport {
    /** As the carriers do: in the version that was heard last. */
    let speaks: number | undefined
    return {
      open: ({ received, ...others }) => {
        const listener: TransportListener = {
          ...others,
          received: (told) => {
            speaks = told.message.version
            received(told)
          },
        }
        this.#listeners.set(edge, listener)
        listener.linked()
      },
      readSnapshot: async () => {
        const snapshot = this.#snapshots.get(edge)
        return snapshot ? { message: snapshot, crc: crcOf(encodeRates(snapshot)) } : null
      },
      readProfile: async () => {
        const bytes = this.#profiles.get(edge)
        return bytes ? decodeProfile(bytes) : null
      },
      sendReport: async (report) => {
        const bytes = encodeReport(report, speaks)
        add(this.traffic.up, edge, bytes.length)
        const read = this.#reader.read(edge, bytes)
        if (read === null || isRefusal(read)) throw new Error(`our own report is refused: ${read?.detail}`)
        this.#reports.set(edge, read)
        this.#heard(read)
      },
      reconnect: () => undefined,
      close: async () => void this.#listeners.delete(edge),
    }
  }
}

const add = (sums: Map<string, number>, edge: string, bytes: number): void =>
  void sums.set(edge, (sums.get(edge) ?? 0) + bytes)
