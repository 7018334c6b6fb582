// The seam between an agent and whatever carries messages: Redis (subscriber.ts), a test's memory, a poll over HTTP.

import type { Refusal } from '../model/lease.js'
import type { LineProfile } from '../model/network.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { Away } from '../runtime/away.js'
import type { SentReport } from '../wire/messages.js'
import type { Received } from './lease-keeper.js'
import type { ProfileInForce } from './memory.js'

export interface TransportListener {
  /** Messages reach us from now on; earlier ones may have been missed. Called again after each interruption. */
  linked(): void
  received(message: Received): void
  /** Something came that is not for us to use. */
  refused(refusal: Refusal): void
}

/** Reads reject while the carrier is away; the caller tries again later. */
export interface EdgeTransport {
  /** Begins to listen and keeps trying; returns at once. */
  open(listener: TransportListener): void
  /** The edge's whole state as published last; null: there is none. */
  readSnapshot(): Promise<Received | Refusal | null>
  readProfile(): Promise<ProfileInForce | Refusal | null>
  sendReport(report: SentReport): Promise<void>
  /** What kind of line it is; until that is known a carrier is patient. Absent: it does not matter to this one. */
  suits?(line: LineProfile): void
  /** Begins anew with the carrier: for a link that says it is well and brings nothing. */
  reconnect(): void
  /** Why nothing comes; null: it does, or nobody knows. Absent: it does not say. */
  whyAway?(): Away | null
  /** Of the certificate that this edge shows; null: it shows none. @throws MizaniError TLS_FILE. */
  ownCertificate?(): { readonly file: string; readonly end: UnixMilliseconds } | null
  close(): Promise<void>
}
