// Lists as the API gives them: ordered by id, in pages whose token says where the last one ended, as JSON or CSV. A
// token is a place, not a copy, so paging goes on correctly while the boards change below it.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { ZONE_HEADER } from '../model/civil-time.js'
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, MAX_QUERY_LENGTH } from '../runtime/limits.js'
import { recordPieces } from '../runtime/sheet.js'
import * as z from '../runtime/zod.js'
import { wantsCsv } from './guard.js'
import { ApiError } from './problem.js'
import type { ScopedSight } from './scoped-sight.js'

/** Query parameters of every list. */
export const paging = {
  pageSize: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(DEFAULT_PAGE_SIZE),
  pageToken: z.string().max(300).optional(),
}
export const filter = z.string().min(1).max(MAX_QUERY_LENGTH).optional()

export interface PageQuery {
  readonly pageSize: number
  readonly pageToken?: string | undefined
}

export const LIST_TYPES = ['application/json', 'text/csv'] as const

/** A listing of what one sight shows of another listing: its rows were looked through. */
export interface SeenThrough<Row extends { readonly id: string }> {
  readonly sight: ScopedSight
  /** Whose rows, as far as they are the same, are encoded there. */
  readonly whole: Listing<Row>
  /** Rows that stand for those that are not shown. */
  readonly sums: readonly Row[]
}

/** Rows in the order of their ids, sums after them; each encoded at most once. */
export class Listing<Row extends { readonly id: string }> {
  readonly rows: readonly Row[]
  readonly seen: SeenThrough<Row> | null
  #json: (string | undefined)[] = []

  constructor(rows: readonly Row[], seen: SeenThrough<Row> | null = null) {
    const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    this.rows = seen === null ? sorted : [...sorted, ...seen.sums]
    this.seen = seen
  }

  json(index: number): string {
    const text = this.#json[index] ?? this.#encode(this.rows[index])
    this.#json[index] = text
    return text
  }

  #encode(row: Row | undefined): string {
    const whole = this.seen?.whole
    if (row === undefined || whole === undefined) return JSON.stringify(row)
    const at = whole.after(row.id) - 1
    return whole.rows[at] === row ? whole.json(at) : JSON.stringify(row)
  }

  /** Index of the first row whose id comes after `id`. */
  after(id: string): number {
    const sums = this.seen?.sums ?? []
    const sum = sums.findIndex((row) => row.id === id)
    let low = 0
    let high = this.rows.length - sums.length
    if (sum >= 0) return high + sum + 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.rows[middle]!.id <= id) low = middle + 1
      else high = middle
    }
    return low
  }

  find(id: string): Row | undefined {
    const row = this.rows[this.after(id) - 1]
    return row?.id === id ? row : undefined
  }
}

export type CsvRecord = Record<string, string | number | boolean | null>

/** What a row becomes in CSV: one record or several. */
export interface CsvTable<Row> {
  readonly columns: readonly string[]
  records(row: Row): CsvRecord[]
}

/**
 * Answers with the page of those rows that `keep` keeps.
 * @throws ApiError PAGE_TOKEN_INVALID for a token that this list did not give.
 */
export async function answerList<Row extends { readonly id: string }>(
  request: FastifyRequest,
  reply: FastifyReply,
  listing: Listing<Row>,
  query: PageQuery,
  keep: (row: Row) => boolean,
  table: CsvTable<Row>,
): Promise<FastifyReply> {
  const isMade = listing.seen !== null && listing.seen.sight === request.sight
  const sight = isMade ? null : request.sight
  if (isMade) request.isShownWhole = true
  const list = request.routeOptions.url ?? ''
  const start = query.pageToken === undefined ? 0 : listing.after(placeOf(query.pageToken, list))
  const page: number[] = []
  let more = false
  for (let i = start; i < listing.rows.length; i++) {
    // What is looked through for somebody takes a while.
    if (sight != null && i % PIECE === PIECE - 1) await request.turn()
    if (sight?.hides(listing.rows[i], request.principal?.actor) || !keep(listing.rows[i]!)) continue
    if (page.length === query.pageSize) {
      more = true
      break
    }
    page.push(i)
  }
  const next = more ? tokenOf(list, listing.rows[page.at(-1)!]!.id) : null
  if (wantsCsv(request)) {
    if (next !== null) reply.header('link', `<${nextAddress(request, next)}>; rel="next"`)
    return answerCsv(request, reply, table.columns, recordsOf(listing, page, table))
  }
  return answerPage(request, reply, listing, page, next)
}

/** Whether a row has this text somewhere, as whoever asks is shown it: nobody learns by asking what they do not see. */
export function says({ sight, principal }: FastifyRequest, row: unknown, text: string): boolean {
  const shown = sight === null ? row : sight.of(row, false, principal?.actor)
  return (JSON.stringify(shown) ?? '').toLowerCase().includes(text.toLowerCase())
}

/** Rows of a list that are encoded in some milliseconds. */
const PIECE = 50

async function answerPage<Row extends { readonly id: string }>(
  request: FastifyRequest,
  reply: FastifyReply,
  listing: Listing<Row>,
  page: readonly number[],
  next: string | null,
): Promise<FastifyReply> {
  const items: string[] = []
  for (const i of page) {
    items.push(listing.json(i))
    if (items.length % PIECE === 0) await request.turn()
  }
  return answerJson(reply, `{"items":[${items.join(',')}],"nextPageToken":${JSON.stringify(next)}}`)
}

/** Sends text that is JSON already. */
export const answerJson = (reply: FastifyReply, json: string | Buffer): FastifyReply =>
  reply.type('application/json; charset=utf-8').send(json)

/** Sends these columns of the records; a sheet is for people, so its times are as the plane's clocks show them. */
export function answerCsv(
  request: FastifyRequest,
  reply: FastifyReply,
  columns: readonly string[],
  records: Iterable<CsvRecord>,
): Promise<FastifyReply> {
  return answerPieces(request, reply, recordPieces(columns, records, zoneOf(reply)))
}

/** One after the other, as they are written: a row may be many records. */
function* recordsOf<Row extends { readonly id: string }>(
  listing: Listing<Row>,
  page: readonly number[],
  { records }: CsvTable<Row>,
): Generator<CsvRecord> {
  for (const i of page) yield* records(listing.rows[i]!)
}

async function answerPieces(request: FastifyRequest, reply: FastifyReply, pieces: Iterable<string>) {
  let sheet = ''
  for (const piece of pieces) {
    sheet += piece
    await request.turn()
  }
  return answerSheet(reply, sheet)
}

/** In whose time the times of a sheet are. */
export const zoneOf = (reply: FastifyReply): string => String(reply.getHeader(ZONE_HEADER) ?? 'UTC')

/** Sends text that is a sheet already. */
export function answerSheet(reply: FastifyReply, sheet: string | Buffer): FastifyReply {
  return reply.type('text/csv; charset=utf-8; header=present').send(sheet)
}

/** The same question, for the page after this one. */
export function nextAddress(request: FastifyRequest, token: string): string {
  const url = new URL(request.url, 'http://mizani')
  url.searchParams.set('pageToken', token)
  return url.pathname + url.search
}

/** The list's own address is part of the token, so that none works on another list. */
export const tokenOf = (list: string, id: string): string => Buffer.from(`${list}\n${id}`).toString('base64url')

/** @throws ApiError PAGE_TOKEN_INVALID. */
export function placeOf(token: string, list: string): string {
  const [from, id] = Buffer.from(token, 'base64url').toString().split('\n')
  if (from === list && id !== undefined && tokenOf(list, id) === token) return id
  throw new ApiError('PAGE_TOKEN_INVALID', 'This page token is not one that this list gave; start without one.')
}
