// mizani ledger: months, statements, the register, the price book, and the close, over the same API as everyone.
// Amounts are there for finance officers; for all others the same tables stand without them, and it is said.

import { readFileSync } from 'node:fs'
import { formatMinutes, formatRate, fromKbps, percentOf } from '../model/units.js'
import { MizaniError, usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { isTree } from '../runtime/json.js'
import { textLines } from '../runtime/text-table.js'
import { unreadable } from '../runtime/unreadable.js'
import { type ApiClient, type ApiCommand, createApiClient, printAnswer } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'
import { guessedInstitution } from './institution-search.js'

type Month = ApiAnswered<'get', '/v1/ledger/{month}'>
type Book = ApiAnswered<'get', '/v1/ledger/prices'>['book']
type Statement = ApiAnswered<'get', '/v1/institutions/{id}/statement'>

const rate = (kbps: number | null): string => (kbps === null ? 'not recorded' : formatRate(fromKbps(kbps)))
const seen = (kbps: number | null): string => (kbps === null ? 'not seen' : rate(kbps))
const percent = (part: number | null, agreed?: number): string => (part === null ? '-' : percentOf(part, agreed))
const NO_AMOUNTS =
  'Amounts are left out: only finance officers see them, each within their scope. Ask an administrator for that role.'
const stateOf = ({ closing }: Pick<Month, 'closing'>): string =>
  closing === null ? 'open: figures are what is known now' : `closed ${closing.at} by ${closing.by}`

/** @param month absent: the months there are */
export async function runLedgerMonth({ month, ...asked }: ApiCommand & { readonly month?: string }, io: Io) {
  if (month === undefined) {
    return printAnswer(
      asked,
      io,
      (api) => api.ask('get', '/v1/ledger', {}),
      ({ items }) => items.map((one) => `${one.month}  ${stateOf(one)}`),
    )
  }
  await printAnswer(asked, io, (api) => api.ask('get', '/v1/ledger/{month}', { path: { month } }), monthLines)
}

function monthLines(month: Month): string[] {
  const { contracts, institutions, charges } = month
  const chargeOf = (id: string) => charges?.find(({ contract }) => contract === id)
  const bought = textLines({
    heads: [
      'contract',
      'provider',
      'committed',
      'billed',
      'idle',
      'promised down',
      'mean down',
      'peak down',
      'counted',
    ],
    rows: contracts.map((one) => [
      ...[one.contract, one.provider, rate(one.committed), rate(one.billed), rate(one.idle)],
      ...[
        rate(one.promised.down),
        rate(one.down.mean),
        rate(one.down.peak),
        `${one.down.counted} of ${one.down.slots}`,
      ],
    ]),
  })
  const paid = contracts.flatMap(({ contract }) => {
    const charge = chargeOf(contract)
    if (charge?.cost == null) return []
    const { bill, invoice, difference, idle, total, unshared, commitAdvice } = charge.cost
    const advised = commitAdvice === null ? '-' : rate(commitAdvice)
    return [[contract, charge.currency, bill, invoice ?? '-', difference ?? '-', idle ?? '-', total, unshared, advised]]
  })
  const heads = ['contract', '', 'our bill', 'invoice', 'difference', 'idle cost', 'shared', 'unshared', 'best commit']
  const below = institutions.filter(({ minutesBelow }) => minutesBelow > 0).length
  const broken = institutions.flatMap(({ agreements }) => agreements).filter(({ kept }) => kept === false).length
  return [
    `${month.month} (${month.zone}), ${stateOf(month)}`,
    ...(contracts.length === 0 ? ['No contract holds in this month.'] : bought),
    ...(paid.length === 0 ? [] : ['', ...textLines({ heads, rows: paid })]),
    ...(charges === null ? [NO_AMOUNTS] : []),
    '',
    `${institutions.length} institutions; ${below} were below a guarantee for a while.`,
    `${broken} agreements were not kept.`,
  ]
}

export interface StatementAsked extends ApiCommand {
  readonly institution: string
  readonly month?: string
  readonly lang: 'en' | 'sw'
  /** The page to print, as HTML. */
  readonly page: boolean
}

export async function runStatement({ institution, month, lang, page, json, settings }: StatementAsked, io: Io) {
  const api = createApiClient(settings)
  // A page is HTML alone, as an answer with `json` is JSON alone.
  const id = await idOf(api, institution, io, json || page)
  if (page) {
    const headers = { accept: 'text/html' }
    const { body } = await api.request(`/v1/institutions/${encodeURIComponent(id)}/statement`, {
      ...{ headers, query: { month, lang } },
    })
    return void io.stdout.write(String(body))
  }
  const ask = (client: ApiClient) =>
    client.ask('get', '/v1/institutions/{id}/statement', { path: { id }, query: { month } })
  await printAnswer({ json, settings }, io, ask, statementLines)
}

/** One that was closed is found by its id alone. */
async function idOf(api: ApiClient, text: string, io: Io, isPure: boolean): Promise<string> {
  try {
    return (await guessedInstitution(api, text, io, isPure)).id
  } catch (error) {
    if (error instanceof MizaniError && error.code === 'NOT_FOUND') return text
    throw error
  }
}

function statementLines(statement: Statement): string[] {
  const { institution: one, charges, totals } = statement
  const promised = Object.entries(one.entitled).map(([service, { down, up }]) => [service, rate(down), rate(up)])
  const causes = one.causes.map(({ limit, minutes }) => `  ${formatMinutes(minutes)}  ${limit}`)
  const agreed = one.agreements.map(({ reference, services, attainment, reached, kept }) => {
    const held = `${percent(reached, attainment)} of ${percent(attainment, attainment)} agreed`
    const verdict = `${held}, ${KEPT[String(kept)]}`
    return `Agreement ${reference} (${services.join(', ')}): ${verdict}`
  })
  const paid = (charges ?? []).map(({ contract, rule, parts, currency, amount }) => {
    const how = parts.map(({ by, instead, amount }) => `${by}${instead === null ? '' : ` for ${instead}`} ${amount}`)
    return [contract, `${rule ?? '-'}: ${how.join(', ')}`, `${currency} ${amount}`]
  })
  const sums = Object.entries(totals ?? {}).map(([currency, amount]) => `To be paid: ${currency} ${amount}`)
  return [
    `${one.institution}, ${statement.month} (${statement.zone}), ${stateOf(statement)}`,
    `Tier ${one.tiers.join(', ')}`,
    ...(agreed.length === 0 ? ['No agreement'] : agreed),
    `Asked ${seen(one.asked)}, given ${seen(one.served)}, used ${seen(one.used)}, missed ${seen(one.missed)} (means)`,
    `Guarantee kept ${percent(one.attainment)}, below it ${formatMinutes(one.minutesBelow)}`,
    `Seen ${one.seen} of ${one.slots} five-minute slots; the rest are gaps, neither filled nor zero`,
    ...causes,
    ...textLines({ heads: ['guaranteed', 'down', 'up'], rows: promised }),
    ...(paid.length === 0 ? [] : textLines({ heads: ['contract', 'shared by', 'amount'], rows: paid })),
    ...(charges === null ? [NO_AMOUNTS] : sums),
  ]
}

const KEPT: Readonly<Record<string, string>> = { true: 'kept', false: 'NOT kept', null: 'not recorded' }

export async function runRegister(asked: ApiCommand, io: Io): Promise<void> {
  await printAnswer(
    asked,
    io,
    (api) => api.ask('get', '/v1/ledger/register', {}),
    (register) => {
      const { today, month, institutions, agreed, rows } = register
      const heads = ['finding', 'subject', 'what', 'day']
      return [
        `${agreed} of ${institutions} institutions have an agreement that holds on ${today}.`,
        `Idle ones and dead lines were looked for in ${month}.`,
        ...(rows.length === 0
          ? ['Nothing is missing.']
          : textLines({
              heads,
              rows: rows.map(({ finding, subject, detail, on }) => [finding, subject, detail, on ?? '']),
            })),
      ]
    },
  )
}

export interface CloseAsked extends ApiCommand {
  readonly month: string
  /** Also where half of it, or a line, was not recorded. */
  readonly acceptGaps: boolean
}

export async function runLedgerClose({ month, acceptGaps, ...asked }: CloseAsked, io: Io) {
  const query = acceptGaps ? { gaps: 'accepted' as const } : {}
  const ask = (api: ApiClient) => api.ask('post', '/v1/ledger/{month}/close', { path: { month }, query })
  await printAnswer(asked, io, ask, ({ month, closing }) => [
    `${month} is ${stateOf({ closing })}.`,
    ...(closing === null ? [] : [`Fingerprint ${closing.fingerprint}`]),
  ])
}

export interface ReconcileAsked extends ApiCommand {
  readonly month: string
  /** A file with the answer of LibreNMS; absent: invoices of the price book alone. */
  readonly librenms?: string
}

export async function runReconcile({ month, librenms, ...asked }: ReconcileAsked, io: Io): Promise<void> {
  const body = librenms === undefined ? {} : { libreNms: jsonIn(librenms) }
  const ask = (api: ApiClient) => api.ask('post', '/v1/ledger/{month}/reconcile', { path: { month }, body })
  await printAnswer(asked, io, ask, ({ rows, unknown, unclear }) => [
    ...textLines({
      heads: ['contract', 'ours', 'theirs', 'apart', 'our bill', 'invoice', 'difference'],
      rows: rows.map(({ contract, ours, theirs, apart, bill, invoice, difference }) => [
        ...[contract, rate(ours), theirs === null ? '-' : rate(theirs), percent(apart)],
        ...[bill ?? '-', invoice ?? '-', difference ?? '-'],
      ]),
    }),
    ...unknown.map((one) => `Bill ${one} belongs to no contract of the month.`),
    ...unclear.map(
      (one) => `Bill ${one} is compared with nothing: it counts nothing yet, or its contract has several.`,
    ),
  ])
}

interface PricesAsked extends ApiCommand {
  /** Absent: the book is printed with its version, as such a file has it. */
  readonly file?: string
  /** Why the book changes; required with a file. */
  readonly reason?: string
  /** Fingerprint of the book that waits, to agree to it. */
  readonly approve?: string
}

export async function runPrices({ file, reason, approve, json, settings }: PricesAsked, io: Io) {
  const api = createApiClient(settings)
  const answer = (kept: ApiAnswered<'put', '/v1/ledger/prices'>): void => {
    const { version, fingerprint, waitsFor } = kept
    const waits =
      `The price book waits for a second finance officer (${waitsFor.join(', ')}); version ${version} is in force.\n` +
      `Another officer reads it and agrees: mizani ledger prices --approve ${fingerprint}\n`
    const inForce = `The price book is version ${version} now.\n`
    io.stdout.write(json ? `${JSON.stringify(kept)}\n` : waitsFor.length > 0 ? waits : inForce)
  }
  if (approve !== undefined) {
    if (file !== undefined) throw usageError('ledger prices: expected a FILE or --approve, found both')
    const { body } = await api.ask('post', '/v1/ledger/prices/approve', { body: { fingerprint: approve } })
    return answer(body)
  }
  if (file === undefined) {
    const { body } = await api.ask('get', '/v1/ledger/prices', {})
    return void io.stdout.write(`${JSON.stringify(body, null, 2)}\n`)
  }
  if (reason === undefined)
    throw usageError('ledger prices: a change of the price book needs a reason', 'Give it with --reason "...".')
  const said = jsonIn(file)
  const { version, book } = isTree(said) ? said : {}
  if (typeof version !== 'string' || !isTree(book))
    throw usageError(
      `${file} is no price book: expected {"version": "…", "book": {…}}, as \`ledger prices\` prints it.`,
    )
  // The version is the one that was read when the file was made: what others changed since is not lost. The API judges
  // the book, and says all that is wrong.
  const headers = { 'if-match': `"${version}"` }
  const asked = { body: book as Book, headers, query: { reason } }
  answer((await api.ask('put', '/v1/ledger/prices', asked)).body)
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw usageError(`${unreadable(file, cause)}.`)
    throw usageError(`${file} cannot be read as JSON: ${cause.message}.`)
  }
}
