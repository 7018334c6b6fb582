// What the durable store knows about who may come in. One hash holds it all: accounts, tokens, sessions and a version
// that each write raises, so that a decision over the whole (is this the last administrator?) and the write that
// follows from it are one step, whoever else writes meanwhile.
//
//   user:<id>          an account
//   token:<digest>     what a token may do; the token itself is shown once and kept nowhere
//   session:<digest>   who is signed in; the cookie itself is kept by the browser alone
//   factors:<id>       what an account shows besides its password
//
// Being looked up by digest, secrets leak nothing through timing, and a dump of the store lets nobody in.

import { createHash, randomBytes } from 'node:crypto'
import { FACTORS, READ_WITHIN, ROLES, SOURCES } from '../model/principal.js'
import * as z from '../runtime/zod.js'

const at = z.number()
const ids = z.array(z.string()).optional()
const amount = z.number().optional()
const budget = z.object({ institutions: amount, tiers: ids, guarantee: amount, ceiling: amount }).optional()
const reads = z.enum(READ_WITHIN).optional()
const scope = z.object({ institutions: ids, categories: ids, regions: ids, envelopes: ids, budget, reads }).nullable()
const roles = z.array(z.enum(ROLES))

/** How a person came in. */
const via = z.enum(['password', 'passkey', 'oidc', 'ldap'])
export type Via = z.output<typeof via>
/** A second factor that was given, and when; `provider`: to the one that signed the person in. */
const factor = z.object({ kind: z.enum(FACTORS), at })
export type Factor = z.output<typeof factor>

const userSchema = z.object({
  id: z.string(),
  name: z.string(),
  roles,
  scope,
  /** A release before knew none but its own. */
  source: z.enum(SOURCES).default('local'),
  /** Who it is there, for ever; null: our own. */
  subject: z.string().nullable().default(null),
  /** As passwords.ts writes it; null: a service, which acts by tokens alone, or somebody whom a provider signs in. */
  password: z.string().nullable(),
  /** Whether the person has chosen it. Not where somebody else has set it, nor where a release before does not say. */
  chosen: z.boolean().default(false),
  /**
   * Which approver has vouched for this one; `cli`: the owner of the machine; `first`: by a release before, the first
   * there was. Lapsed: since then somebody else has set the password, given the role anew, given or taken `admin` or,
   * where a provider signs the person in, enrolled a first factor. Null: nobody ever has.
   */
  vouched: z.object({ at, by: z.string(), lapsed: z.boolean() }).nullable().default(null),
  created: z.object({ at, by: z.string() }),
  /**
   * The account for the day nobody else gets in: who sealed it, and where it was used, until that was signed for; by
   * whom it was sealed since then. Null: any other.
   */
  emergency: z
    .object({
      sealed: z.object({ at, by: z.string() }),
      used: z.object({ at, address: z.string(), sealedBy: z.array(z.string()).default([]) }).nullable(),
    })
    .nullable()
    .default(null),
  /** Accounts are never deleted, so that their ids in the audit mean one person for ever. */
  disabled: z.object({ at, by: z.string() }).nullable(),
})
export type User = z.output<typeof userSchema>

/** Whether what is done in person counts: the password is their own, and an approver has vouched for them. */
export const isTrusted = (user: User): boolean =>
  isOwn(user) && user.vouched?.lapsed === false && user.disabled === null

/** Whether no administrator here knows what this account signs in with. */
export const isOwn = ({ chosen, source }: User): boolean => chosen || source !== 'local'

const tokenSchema = z.object({
  /** Public: names the token in lists, logs and the audit. */
  id: z.string(),
  user: z.string(),
  name: z.string(),
  roles,
  scope,
  created: z.object({ at, by: z.string() }),
  expires: at,
})
export type Token = z.output<typeof tokenSchema>

const sessionSchema = z.object({
  /** One sign-in: its cookies follow one another and end together. */
  login: z.string(),
  of: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('user'), user: z.string(), via: via.default('password') }),
    z.object({ kind: z.literal('token'), digest: z.string() }),
    // Of the token that it was traded for: it ends where that is known no longer. Null: of a release before.
    z.object({ kind: z.literal('machine'), actor: z.string(), digest: z.string().nullable().default(null) }),
  ]),
  /** The latest second factor; absent: none was given. */
  factor: factor.optional(),
  /** When a provider had the person show who they are, which may be long before it sent them here; absent: then. */
  shown: at.optional(),
  /** Where it was signed in from; empty: of a release before. */
  address: z.string().default(''),
  begun: at,
  /** When this cookie was given. */
  renewed: at,
  /** When its successor takes over for good; null: it has none. */
  ends: at.nullable(),
})
export type Session = z.output<typeof sessionSchema>

const passkeySchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** What the device calls it, and its public key (COSE, RFC 9052), both in base64url. */
  credential: z.string(),
  key: z.string(),
  /** Of uses, as the device counts; 0 for ever: it does not. */
  counter: z.number(),
  created: at,
})
export type Passkey = z.output<typeof passkeySchema>

const totpSchema = z.strictObject({
  ...{ id: z.string(), sealed: z.string(), created: at, confirmed: z.boolean(), step: z.number() },
})

// Strict: what a newer release has put there would be lost with the next write, and with it a factor.
const factorsSchema = z.strictObject({
  passkeys: z.array(passkeySchema).default([]),
  /** Its secret is sealed. It counts once a code of it was given; of each code's step none before is taken again. */
  totp: totpSchema.nullable().default(null),
  /** The one that takes its place once a code of it was given. */
  next: totpSchema.nullable().default(null),
  /** Digests of the codes for whoever has lost the device: each works once. */
  recovery: z.array(z.string()).default([]),
  /** Somebody else has taken all away: nothing is in person until an approver has vouched for who enrolled anew. */
  reset: z.strictObject({ at, by: z.string() }).nullable().default(null),
})
export type Factors = z.output<typeof factorsSchema>

export const NO_FACTORS: Factors = { passkeys: [], totp: null, next: null, recovery: [], reset: null }
/** Of an entry that this release cannot read: something is asked for that nobody can give. */
const LOCKED: Factors = {
  ...NO_FACTORS,
  totp: { id: 'unreadable', sealed: '', created: 0, confirmed: true, step: Number.POSITIVE_INFINITY },
}

/** How an account looks that this release cannot read: in nobody's use, and its id is taken. */
const unreadable = (id: string): User => ({
  ...{ id, name: id, roles: [], scope: null, source: 'local', subject: null, password: null, chosen: false },
  ...{ vouched: null, emergency: null, created: UNREADABLE, disabled: UNREADABLE },
})
const UNREADABLE = { at: 0, by: 'unreadable' }
/** What is written is never this very object. */
export const isUnreadable = ({ created }: User): boolean => created === UNREADABLE
export const isLocked = (factors: Factors): boolean => factors === LOCKED

/**
 * What a new factor does to the account: where somebody else sets the password, whoever does so enrols their own.
 * @param before what the account had
 */
export function enrolledBy({ users }: AccountState, id: string, before: Factors): Write[] {
  const user = users.get(id)
  if (!user?.vouched || user.source === 'local' || hasFactor(before)) return []
  return [[fieldOf.user(id), { ...user, vouched: { ...user.vouched, lapsed: true } }]]
}

export const hasFactor = ({ totp, passkeys }: Factors): boolean => totp?.confirmed === true || passkeys.length > 0

export interface AccountState {
  readonly version: number
  readonly users: ReadonlyMap<string, User>
  /** By digest, as sessions. */
  readonly tokens: ReadonlyMap<string, Token>
  readonly sessions: ReadonlyMap<string, Session>
  /** By the id of the account; absent: none. */
  readonly factors: ReadonlyMap<string, Factors>
}

export const factorsOf = ({ factors }: AccountState, user: string): Factors => factors.get(user) ?? NO_FACTORS

/** A field and its new value; null: it goes. */
export type Write = readonly [field: string, value: User | Token | Session | Factors | null]

export const fieldOf = {
  user: (id: string): string => `user:${id}`,
  token: (digest: string): string => `token:${digest}`,
  session: (digest: string): string => `session:${digest}`,
  factors: (id: string): string => `factors:${id}`,
}

/** Reads the hash. An entry that this release cannot read lets nobody in. */
export function readState(hash: Readonly<Record<string, string>>): AccountState {
  const users = new Map<string, User>()
  const tokens = new Map<string, Token>()
  const sessions = new Map<string, Session>()
  const factors = new Map<string, Factors>()
  for (const [field, text] of Object.entries(hash)) {
    const [kind, key = ''] = field.split(/:(.*)/s)
    if (kind === 'user' && !keep(users, key, userSchema, text)) users.set(key, unreadable(key))
    if (kind === 'token') keep(tokens, key, tokenSchema, text)
    if (kind === 'session') keep(sessions, key, sessionSchema, text)
    if (kind === 'factors' && !keep(factors, key, factorsSchema, text)) factors.set(key, LOCKED)
  }
  return { version: Number(hash.version ?? 0), users, tokens, sessions, factors }
}

function keep<T>(into: Map<string, T>, key: string, schema: z.ZodType<T>, text: string): boolean {
  try {
    into.set(key, schema.parse(JSON.parse(text)))
    return true
  } catch {
    // Damaged, or of a newer release.
    return false
  }
}

/** The account that a session belongs to, by a token of it as well; null: the machine, or nobody. */
export function userOf({ tokens }: AccountState, { of }: Session): string | null {
  if (of.kind === 'user') return of.user
  return (of.kind === 'token' && tokens.get(of.digest)?.user) || null
}

/** What ends the sign-ins of an account, and how many they are; `but`: not this one. */
export function endingOf(state: AccountState, user: string, but: string | null = null) {
  const theirs = [...state.sessions].filter(([, one]) => one.login !== but && userOf(state, one) === user)
  return {
    writes: theirs.map(([digest]): Write => [fieldOf.session(digest), null]),
    // A sign-in may have two cookies for a minute.
    count: new Set(theirs.map(([, { login }]) => login)).size,
  }
}

export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')
/** Secrets are pasted into command lines, where a dash begins an option: one that begins with it is drawn again. */
export function newSecret(): string {
  const secret = randomBytes(32).toString('base64url')
  return secret.startsWith('-') ? newSecret() : secret
}
/** Short and public. */
export const newId = (): string => randomBytes(6).toString('hex')

const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789'
/** A secret that people type: groups of four letters and digits, 20 bits each, none of which looks like another. */
export function newSpelled(groups: number): string {
  const letters = [...randomBytes(4 * groups)].map((byte) => LETTERS[byte % LETTERS.length]).join('')
  return (letters.match(/.{4}/g) ?? []).join('-')
}
