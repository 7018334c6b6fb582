// Errors by what is to be done about them. Whoever catches one asks for its remedy, never for its text:
//
//   retry   the world is away (a store, a socket); the same call may succeed later
//   drop    this message, file or request is bad; leave it and carry on
//   stop    this process cannot do what it was asked; say why and end with the exit code
//
// A message says what was expected and what was found; `advice` says what the reader can do. Checks of a whole document
// collect every Fault and throw once, so that nobody repairs a file one line at a time.

import { MAX_FAULTS_SHOWN } from './limits.js'
import { printable, printableLine } from './printable.js'

export type Remedy = 'retry' | 'drop' | 'stop'

/** Every code that is thrown, under what is to be done about it unless the one who throws knows better. */
const ERROR_CODES = {
  retry: ['DEVICE OUTCOME_UNKNOWN PROVIDER_UNAVAILABLE STOPPING STORE_BUSY STORE_UNAVAILABLE'],
  drop: ['SHEET_INVALID STALE_SEQ'],
  stop: [
    'USAGE BAD_REQUEST NOT_FOUND NOT_SUPPORTED NOT_UNDERSTOOD AMBIGUOUS NAME_TAKEN NAME_UNKNOWN RATE_LIMITED',
    'PAYLOAD_TOO_LARGE CREDENTIALS FORBIDDEN UNAUTHENTICATED APPROVAL_REQUIRED SELF_APPROVAL CONFIRM_PENDING READ_ONLY',
    'IDEMPOTENCY_REUSED JOB_FAILED KEYS_DIFFER ODDS_INVALID PRECONDITION_FAILED PROPOSAL_STALE TESTS_FAILED',
    'IMPORT_INVALID NETWORK_INVALID OFFERS_INVALID PLANE_INVALID POLICY_INVALID PROBLEM_INVALID SCENARIO_INVALID',
    'SCENARIO_FILE NEEDS_TLS SECRETS_INVALID SECRET_FILE SETTINGS_INVALID TLS_FILE FINGERPRINT PORT_TAKEN',
    'REDIS_MISSING REDIS_START FILE FILE_EXISTS FILE_UNREADABLE FOLDER_LOCKED FOLDER_NOT_EMPTY FOLDER_OPEN',
    'FOLDER_UNUSABLE STORE_ADDRESS STORE_CORRUPT STORE_NOT_EMPTY STORE_REFUSED STORE_REPLY REVISION_UNREADABLE',
    'LIBRARY_CONFLICT ALLOCATION_INVALID AUDIT_CHANGED BACKUP_INVALID NOT_AN_EXPORT USERS_NOT_KEPT',
    'EDGE_RUNS_ALREADY KERNEL NOT_JOINED NOT_REACHED UNIT',
  ],
} as const satisfies Readonly<Record<Remedy, readonly string[]>>

type Words<Text extends string> = Text extends `${infer First} ${infer Rest}` ? First | Words<Rest> : Text
/** Stable: scripts and the HTTP API hold on to it. */
export type ErrorCode = Words<(typeof ERROR_CODES)[Remedy][number]>

/** What another process answered with, which may be of another release. */
export type ForeignCode = string & { readonly __foreign: true }
export const foreignCode = (code: string): ForeignCode => code as ForeignCode

const REMEDIES: ReadonlyMap<string, Remedy> = new Map(
  (['retry', 'drop', 'stop'] as const).flatMap((remedy) =>
    ERROR_CODES[remedy].flatMap((row) => row.split(' ').map((code) => [code, remedy] as const)),
  ),
)

/** 1: refused or failed. 2: asked wrongly (unknown option, missing file name, something is not installed). */
export type ExitCode = 1 | 2

/**
 * One thing that is wrong, and where: a file and line for what people edit, a JSON pointer (RFC 6901) for documents.
 */
export interface Fault {
  readonly code: string
  readonly message: string
  readonly pointer?: string
  readonly file?: string
  /** Counted from 1. */
  readonly line?: number
  /** The byte of that line, counted from 1: some files are one long line. */
  readonly position?: number
}

export interface ErrorParts {
  readonly code: ErrorCode | ForeignCode
  readonly message: string
  readonly remedy?: Remedy
  readonly exitCode?: ExitCode
  readonly advice?: string
  readonly faults?: readonly Fault[]
  readonly cause?: unknown
}

export class MizaniError extends Error {
  override readonly name = 'MizaniError'
  readonly code: ErrorCode | ForeignCode
  readonly remedy: Remedy
  readonly exitCode: ExitCode
  readonly advice: string | undefined
  readonly faults: readonly Fault[]

  constructor({
    code,
    message,
    remedy = REMEDIES.get(code) ?? 'stop',
    exitCode = 1,
    advice,
    faults = [],
    cause,
  }: ErrorParts) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.remedy = remedy
    this.exitCode = exitCode
    this.advice = advice
    this.faults = faults
  }
}

/** The command line or a setting is wrong: exit code 2. */
export function usageError(message: string, advice?: string): MizaniError {
  return new MizaniError({ code: 'USAGE', message, exitCode: 2, ...(advice === undefined ? {} : { advice }) })
}

/** A document was read to its end and is refused, with everything that is wrong with it. */
export function invalid(code: ErrorCode, what: string, faults: readonly Fault[]): MizaniError {
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`
  return new MizaniError({ code, message: `${what}: ${count}`, faults })
}

/** "file:12:7 /flows/3/demand: message [CODE]", with the parts that are known; one line, whatever the file holds. */
export function formatFault({ file, line, position, pointer = '', message, code }: Fault): string {
  const where = file === undefined ? [] : [file, line, position].filter((part) => part !== undefined)
  const place = [where.join(':'), pointer].filter((part) => part !== '').join(' ')
  return printableLine(`${place === '' ? '' : `${place}: `}${message} [${code}]`)
}

/** One fault a line, indented; a long list is cut with the number of those left out. */
export function formatFaults(faults: readonly Fault[], most: number = MAX_FAULTS_SHOWN): string {
  const lines = faults.slice(0, most).map((fault) => `  ${formatFault(fault)}`)
  if (faults.length > most) lines.push(`  … and ${faults.length - most} more`)
  return lines.join('\n')
}

/** What a person reads: the message, each fault on a line, then the advice. Never a stack trace. */
export function formatError(error: unknown): string {
  if (!(error instanceof MizaniError)) return printable(messageOf(error))
  const parts = [error.message]
  if (error.faults.length > 0) parts.push(formatFaults(error.faults))
  if (error.advice !== undefined) parts.push(error.advice)
  return printable(parts.join('\n'))
}

/** The text of anything thrown, on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  return text.split('\n', 1)[0] ?? ''
}
