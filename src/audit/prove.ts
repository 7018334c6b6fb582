// Whether a trail is what was written. Page by page it is followed along its hashes, every signature is held against
// its entry, and what is known from elsewhere, the anchors, against both. Needs no server: an export is proven in the
// same way.
//
// The trail says itself what may look like tampering: an entry that had secrets in it and was rewritten is named by a
// later entry, with the hash it had and the text it has now; the beginning that was cut off, by the entry of whoever
// cut it. What went with a restored store is named too, and stays a fault until the trail was exported and cut off
// behind it.

import type { TrailFault } from '../model/happening.js'
import { type Anchor, genuine } from './anchors.js'
import { hashAfter, type Link, type Row } from './chain.js'
import { type Deed, deedOf } from './deeds.js'
import { digestOf, isSigned, signedBy } from './signing.js'

export interface Fault {
  readonly n: number
  readonly code: TrailFault
  readonly detail: string
}

export interface Trust {
  /** Public keys that may sign; null: nobody has said which, and any will do. */
  readonly keys: ReadonlySet<string> | null
  /** Entries behind this one are signed, whatever the trail looks like; null: from some entry on. */
  readonly since: number | null
  readonly anchors: readonly Anchor[]
  /** What was proven before with these keys: up to here signatures are not asked again if this is met again. */
  readonly proven: Link | null
}

export const NO_TRUST: Trust = { keys: null, since: null, anchors: [], proven: null }

export interface Verdict {
  readonly ok: boolean
  readonly entries: number
  readonly base: Link
  readonly head: Link
  readonly fault: Fault | null
  /** Public keys that have signed. */
  readonly keys: readonly string[]
  /** Entries that are signed. */
  readonly signed: number
  /** Of those handed in, how many were signed, and the trail was held against. */
  readonly anchors: number
  /** Entries whose text was rewritten to take secrets out. */
  readonly redacted: number
}

/** Signatures that are worked out together. */
const AT_ONCE = 64
/** So many rewritten entries are waited for; an honest purge names them a few entries later. */
const MAX_OPEN = 100_000

export class Proof {
  readonly #base: Link
  readonly #trust: Trust
  readonly #anchors = new Map<number, Anchor[]>()
  readonly #keys = new Set<string>()
  /** Entries whose text is another one by now, until a later entry says so. */
  readonly #open = new Map<number, { readonly hash: string; readonly text: string }>()
  #end: Link
  #fault: Fault | null = null
  #signed = 0
  #redacted = 0
  #isBaseNamed: boolean
  /** Whether `proven` was met. */
  #isMet = false

  private constructor(base: Link, trust: Trust) {
    this.#base = base
    this.#end = base
    this.#trust = trust
    this.#isBaseNamed = base.n === 0
  }

  /** @param base what the first row follows on. */
  static async open(base: Link, trust: Trust): Promise<Proof> {
    const proof = new Proof(base, trust)
    for (const anchor of await genuine(trust.anchors, trust.keys)) {
      proof.#anchors.set(anchor.n, [...(proof.#anchors.get(anchor.n) ?? []), anchor])
    }
    proof.#holdAnchors(base)
    return proof
  }

  /** The last entry up to which all is well. */
  get end(): Link {
    return this.#end
  }

  get fault(): Fault | null {
    return this.#fault
  }

  /** False: what was proven before is not in this trail, and signatures were passed over for nothing. */
  get isProvenMet(): boolean {
    return this.#trust.proven === null || this.#isMet || this.#trust.proven.n < this.#base.n
  }

  /** The next rows. After a fault nothing more is looked at. */
  async add(rows: readonly Row[]): Promise<void> {
    for (let at = 0; at < rows.length && this.#fault === null; at += AT_ONCE) {
      const some = rows.slice(at, at + AT_ONCE)
      const { proven } = this.#trust
      const isAsked = ({ n, signature }: Row): boolean => signature !== null && (proven === null || n > proven.n)
      const fits = await Promise.all(some.map((row) => !isAsked(row) || isSigned(row, row.signature!)))
      for (const [i, row] of some.entries()) if (this.#fault === null) this.#step(row, fits[i]!)
    }
  }

  /** @param head where the end is said to be; absent: where the rows end. */
  verdict(head: Link = this.#end): Verdict {
    const fault = this.#fault ?? this.#atEnd(head)
    return {
      ...{ ok: fault === null, entries: this.#end.n - this.#base.n, base: this.#base, head, fault },
      ...{ keys: [...this.#keys].sort(), signed: this.#signed, redacted: this.#redacted },
      anchors: [...this.#anchors.values()].reduce((sum, some) => sum + some.length, 0),
    }
  }

  #step(row: Row, fits: boolean): void {
    const { n, hash, text, signature } = row
    const after = this.#end
    if (n !== after.n + 1) this.#note('GAP', after.n + 1, `entry ${after.n + 1} is missing; ${n} comes next`)
    if (hash !== hashAfter(after.hash, text)) this.#open.set(n, { hash, text: digestOf(text) })
    if (this.#open.size > MAX_OPEN) this.#changed()
    if (signature === null) this.#holdUnsigned(n)
    else this.#holdSignature(n, signature, fits)
    if (this.#fault !== null) return
    if (this.#trust.proven?.n === n) this.#isMet = this.#trust.proven.hash === hash
    this.#end = { n, hash }
    this.#holdAnchors(this.#end)
    const deed = deedOf(row)
    // What has no signature yet vouches for nothing.
    if (deed !== null && !this.#open.has(n)) this.#heed(n, deed)
  }

  #holdUnsigned(n: number): void {
    const { since } = this.#trust
    if (this.#signed === 0 && (since === null || n <= since)) return
    this.#note('UNSIGNED', n, `entry ${n} has no signature, as entries have since ${this.#sinceWhen()}`)
  }

  #holdSignature(n: number, signature: string, fits: boolean): void {
    const by = signedBy(signature)
    if (by === null || !fits) this.#note('FORGED', n, `the signature of entry ${n} does not fit it`)
    else if (this.#trust.keys !== null && !this.#trust.keys.has(by)) {
      this.#note('FORGED', n, `entry ${n} is signed with the key ${by}, which nobody here vouches for`)
    } else {
      this.#keys.add(by)
      this.#signed++
    }
  }

  #sinceWhen(): string {
    return `entry ${this.#signed > 0 ? this.#end.n - this.#signed + 1 : this.#trust.since! + 1}`
  }

  #holdAnchors({ n, hash }: Link): void {
    const other = this.#anchors.get(n)?.find((anchor) => anchor.hash !== hash)
    if (other !== undefined) this.#note('ANCHOR', n, `entry ${n} is not the one that was told to the outside`)
  }

  #heed(n: number, deed: Deed): void {
    switch (deed.kind) {
      case 'redact':
        for (const entry of deed.entries) this.#close(entry)
        break
      case 'trim':
        if (deed.through.n === this.#base.n && deed.through.hash === this.#base.hash) this.#isBaseNamed = true
        break
      case 'cut':
        this.#note('CUT', n, `the entries behind ${deed.left.n}, up to ${deed.was.n}, are gone: ${deed.why}`)
    }
  }

  /** An entry that was rewritten is what a later one says. */
  #close({ n, hash, sha256 }: Link & { readonly sha256: string }): void {
    const open = this.#open.get(n)
    if (open?.hash !== hash || open.text !== sha256) return
    this.#open.delete(n)
    this.#redacted++
  }

  #atEnd(head: Link): Fault | null {
    if (this.#open.size > 0) this.#changed()
    else if (this.#end.n < head.n) this.#note('GAP', this.#end.n + 1, `entry ${this.#end.n + 1} is missing`)
    else if (this.#end.hash !== head.hash) {
      this.#note('HEAD', head.n, `the last entry is not the one that was written as number ${head.n}`)
    } else if (this.#trust.keys !== null && this.#trust.since === null && this.#signed === 0 && head.n > this.#base.n) {
      this.#note('UNSIGNED', head.n, 'no entry is signed')
    } else if (!this.#isBaseNamed) {
      const detail = `what came before entry ${this.#base.n + 1} is gone, and no entry says who cut it off`
      this.#note('BASE', this.#base.n + 1, detail)
    }
    const last = Math.max(0, ...this.#anchors.keys())
    if (last > this.#end.n) this.#note('CUT', this.#end.n + 1, `entries up to ${last} were told to the outside`)
    return this.#fault
  }

  #changed(): void {
    const n = Math.min(...this.#open.keys())
    this.#note('CHANGED', n, `entry ${n} or its hash was changed`)
  }

  #note(code: Fault['code'], n: number, detail: string): void {
    this.#fault ??= { n, code, detail }
  }
}
