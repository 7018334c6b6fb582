// Every name in the two stores. No other file spells one: who may read or write what (the ACLs) and what a name means
// is then seen on one page.
//
// All names of a plane share the hash tag {plane}, so that one function call may touch several of them, and so that a
// Redis Cluster, if anyone uses one, keeps a plane in one slot.

export interface EdgeKeys {
  /** String: canonical JSON of the EdgeProfile. */
  readonly profile: string
  /** String: the last snapshot message. Expires with the leases. */
  readonly snap: string
  /** Stream, field DELTA_FIELD: the last delta and snapshot messages. */
  readonly delta: string
  /** String: the edge's last report. */
  readonly report: string
  /** Channel: each message to the edge. */
  readonly down: string
  /** Channel: each report of the edge. */
  readonly up: string
}

export interface PlaneKeys extends Readonly<Record<keyof EdgeKeys, (edge: string) => string>> {
  /** Hash epoch, leader, exp, seq: who may publish, and what was published last. Volatile store. */
  readonly head: string
  /** String: which process runs under this name of a controller. Volatile store; expires with the process. */
  controller(name: string): string
  /** The six names of one edge. */
  edge(edge: string): EdgeKeys
  /** Hash: number and hash of the policy revision in force. Durable store, as all below. */
  readonly policyHead: string
  /** String: one revision, never overwritten. */
  policyDoc(revision: number): string
  /** String: the answer to a write under this idempotency key. */
  policyRequest(id: string): string
  /** Hash: institution id to its persistent record number. */
  readonly index: string
  /** Hash: accounts of edges, and the version of them all. */
  readonly edgeAccounts: string
  /** Hash: generation of the secrets that edges' keys are worked out from, to the digest of that secret. */
  readonly edgeKeys: string
  /** String: fingerprint of the key that the secrets of webhooks and authenticators are sealed with. */
  readonly sealing: string
  /** Hash: edge id to the enforcement that an engineer set. */
  readonly enforcement: string
  /** Hash: what is in force beside the policy document, proposals of changes, and the version of it all. */
  readonly register: string
  /** Hash: id to a webhook, with the secret that signs. */
  readonly webhooks: string
  /** Hashes prices (version, text), months (month to its bytes), closings (who and when); set untold. Durable. */
  readonly ledger: Readonly<Record<'prices' | 'months' | 'closings' | 'untold', string>>
  /** Hash: id to what a member has asked for, and the version of them all. Durable. */
  readonly requests: string
  /** String: the answer that was given under this idempotency key. */
  answer(id: string): string
  /** Channel: number of a new revision. */
  readonly policyChanged: string
  /** Hash: accounts, tokens, sessions (by digest), and the version of them all. */
  readonly accounts: string
  /** Stream, fields AUDIT_FIELDS: who did what. Entry n has the id n-0. */
  readonly audit: string
  /** Hash n, hash of the last entry; base, baseHash: the checkpoint before the first one that is still kept. */
  readonly auditHead: string
}

/** Field of an entry of a delta stream. */
export const DELTA_FIELD = 'm'

/** Glob of all keys and channels of all planes. */
export const ANY_PLANE = 'mz:*'

/** Whose a key is; null: it is none of ours. */
export const planeOf = (key: string): string | null => /^mz:\{([^}]+)\}:/.exec(key)?.[1] ?? null

export function keys(plane: string): PlaneKeys {
  const root = `mz:{${plane}}`
  const of = (what: keyof EdgeKeys) => (edge: string) => `${root}:e:${edge}:${what}`
  const perEdge = {
    profile: of('profile'),
    snap: of('snap'),
    delta: of('delta'),
    report: of('report'),
    down: of('down'),
    up: of('up'),
  }
  return {
    ...perEdge,
    edge: (edge) => ({
      profile: perEdge.profile(edge),
      snap: perEdge.snap(edge),
      delta: perEdge.delta(edge),
      report: perEdge.report(edge),
      down: perEdge.down(edge),
      up: perEdge.up(edge),
    }),
    head: `${root}:head`,
    controller: (name) => `${root}:controller:${name}`,
    policyHead: `${root}:policy:head`,
    policyDoc: (revision) => `${root}:policy:doc:${revision}`,
    policyRequest: (id) => `${root}:policy:request:${id}`,
    index: `${root}:index`,
    edgeAccounts: `${root}:edge-accounts`,
    edgeKeys: `${root}:edge-keys`,
    sealing: `${root}:sealing`,
    enforcement: `${root}:enforcement`,
    register: `${root}:register`,
    webhooks: `${root}:webhooks`,
    ledger: {
      ...{ prices: `${root}:ledger:prices`, months: `${root}:ledger:months` },
      ...{ closings: `${root}:ledger:closings`, untold: `${root}:ledger:untold` },
    },
    requests: `${root}:requests`,
    answer: (id) => `${root}:answer:${id}`,
    policyChanged: `${root}:policy:changed`,
    accounts: `${root}:accounts`,
    audit: `${root}:audit`,
    auditHead: `${root}:audit:head`,
  }
}
