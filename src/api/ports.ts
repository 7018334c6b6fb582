// What the API is handed. It owns no state but sessions: the picture it shows is the board, and whatever it is asked to
// change it passes through one of these ports to the part that owns it.

import type { Registry } from 'prom-client'
import type { Accounts } from '../accounts/accounts.js'
import type { AuditTrail } from '../audit/trail.js'
import type { PolicyPort } from '../change/policy-control.js'
import type { Requests } from '../change/requests.js'
import type { Ledger } from '../ledger/ledger.js'
import type { Board } from '../model/board.js'
import type { Text } from '../model/network.js'
import type { Scope } from '../model/principal.js'
import type { EnforcementChange } from '../model/revision.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { Simulations } from '../planning/simulations/simulations.js'
import type { AnswerStore } from '../policy/revisions/answers.js'
import type { Memory } from '../record/memory.js'
import type { Clock } from '../runtime/clock.js'
import type { ConnectionLimits } from '../runtime/connections.js'
import type { Fault } from '../runtime/errors.js'
import type { FairTurns } from '../runtime/fair-turns.js'
import type { Logger } from '../runtime/log.js'
import type { EdgeAccountsPort } from './edges/edge-accounts.js'
import type { EdgePullPort } from './edges/edge-pull.js'
import type { StaticEdgesPort } from './edges/static-edges.js'
import type { EventHub } from './events/event-hub.js'

/** What has a name that people look for. */
export interface Named {
  readonly id: string
  readonly name: Text
  readonly labels: Readonly<Record<string, string>>
}

export interface EnforcementPort {
  /** Keeps the state and publishes it with the next profile. @throws MizaniError STORE_UNAVAILABLE, READ_ONLY. */
  set(edge: string, change: EnforcementChange): Promise<void>
}

/** Whether something lies where the caller may change it; the policy says where it lies. */
export interface ScopePort {
  /** What a scope names that the policy in force does not have. */
  faults(scope: Scope | null): readonly Fault[]
  institution(id: string, scope: Scope | null): boolean
  edge(id: string, scope: Scope | null): boolean
}

/** What is remembered; `boardAt` is a recorded moment, solved again. @throws MizaniError NOT_FOUND for a gap. */
export type MemoryPort = Pick<Memory, 'history' | 'missed'> & {
  readonly alarms: Pick<Memory['alarms'], 'open' | 'all' | 'find' | 'acknowledge'>
  readonly counters: Pick<Memory['counters'], 'take' | 'latest'>
  readonly webhooks: Pick<Memory['webhooks'], 'list' | 'add' | 'remove' | 'rotate' | 'try'>
  readonly recorder: Memory['recorder']
  boardAt(at: UnixMilliseconds): Promise<Board>
}

/** Contracts, prices and months; absent: nothing is recorded, so nothing is counted. */
export type LedgerPort = Pick<
  Ledger,
  | 'prices'
  | 'setPrices'
  | 'approvePrices'
  | 'months'
  | 'month'
  | 'statement'
  | 'page'
  | 'close'
  | 'reconcile'
  | 'register'
>

/** What planners ask; absent: nobody answers them here. */
export type SimulationsPort = Pick<
  Simulations,
  'list' | 'find' | 'order' | 'cancel' | 'open' | 'findings' | 'table' | 'onNews'
>

/** What members ask for. */
export type RequestsPort = Pick<Requests, keyof Requests>

/** Only beside simulated edges: turn the knobs that the world would turn. */
export interface DemoPort {
  /** Multiplies what the institution offers, from now on. False: no simulated edge serves it. */
  setLoad(institution: string, factor: number): Promise<boolean>
  /** The edge falls silent, as if its machine had stopped. False: it is not a simulated edge. */
  stopEdge(edge: string): Promise<boolean>
  startEdge(edge: string): Promise<boolean>
}

export interface ServerDeps {
  /** The last tick; null before the first. */
  board(): Board | null
  /** Why the controller does not do its work, in words; null: it does. */
  notReady?(): string | null
  readonly policy: PolicyPort
  /** Answers under an Idempotency-Key. */
  readonly answers: Pick<AnswerStore, 'begin' | 'keep' | 'forget'>
  readonly enforcement: EnforcementPort
  /** History, alarms, the past explained; absent: nothing is remembered. */
  readonly memory?: MemoryPort | undefined
  readonly demo?: DemoPort | undefined
  readonly ledger?: LedgerPort | undefined
  readonly simulations?: SimulationsPort | undefined
  readonly requests: RequestsPort
  readonly accounts: Pick<
    Accounts,
    'authenticator' | 'administration' | 'factors' | 'passkeys' | 'federated' | 'emergency'
  >
  readonly scopes: ScopePort
  /** Which of these a text finds: by its words, shortened ones too. */
  namedBy(text: string, rows: readonly Named[]): (row: Named) => boolean
  readonly audit: Pick<
    AuditTrail,
    'append' | 'range' | 'base' | 'verify' | 'trim' | 'unfit' | 'purge' | 'waiting' | 'lost' | 'plane'
  >
  /** What else an account owns: overrides, proposals. For whoever looks after it when it is disabled. */
  owned?(actor: string): readonly { readonly kind: string; readonly id: string }[]
  /** Edges that come from elsewhere; absent: none can. */
  readonly edges?: (EdgeAccountsPort & { readonly relay: EdgePullPort }) | undefined
  /** Edges that a person configures, and those that are to go; absent: none can be. */
  readonly staticEdges?: StaticEdgesPort | undefined
  /** What happens, for whoever listens. */
  readonly events: EventHub
  readonly metrics: Registry
  /** Of requests, at the thread that answers all of them; absent: its own. */
  readonly turns?: FairTurns
  readonly clock: Clock
  readonly log: Logger
  readonly version: string
  readonly http: {
    /** Addresses and prefixes of proxies. */
    readonly trustProxy: readonly string[]
    /** PEM texts; null: plain HTTP. */
    readonly tls: { readonly certificate: string; readonly key: string } | null
    /** Where people reach it, which passkeys are bound to; absent: where it listens. */
    readonly publicUrl?: string | null
    /** A line in the log for each request; absent: none. */
    readonly accessLog?: boolean
    /** Connections that are kept open. */
    readonly connections: ConnectionLimits
  }
}
