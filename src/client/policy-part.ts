// mizani policy part: one part of the policy, read and written by itself, over the same API as everyone. What was read
// is what is changed: somebody who was faster is told of, not overwritten.

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { MizaniError, messageOf, usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { isTree } from '../runtime/json.js'
import { type ApiClient, type ApiCommand, createApiClient } from './api-client.js'
import { impactLines, testLines } from './preview-words.js'

interface Part {
  /** Such as institutions. */
  readonly collection: string
  readonly id: string
}

export interface PartChange extends Part, ApiCommand {
  /** Null: it is taken out. */
  readonly file: string | null
  readonly reason: string
  readonly reference?: string
  /** Seconds. */
  readonly confirmWithin?: number
  readonly dryRun: boolean
}

const ROWS_SHOWN = 10
const STANDARD_INPUT = 0

export async function runPartGet({ collection, id, settings }: Part & Pick<ApiCommand, 'settings'>, io: Io) {
  const api = createApiClient(settings)
  const { body } = await api.ask('get', '/v1/policy/{collection}/{id}', { path: { collection, id } })
  io.stdout.write(`${JSON.stringify(body, null, 2)}\n`)
}

/** @throws MizaniError as the API says it: PRECONDITION_FAILED where somebody else was faster. */
export async function runPartSet(change: PartChange, io: Io): Promise<void> {
  const { collection, id, file, reason, reference, confirmWithin, dryRun, json, settings } = change
  const api = createApiClient(settings)
  const path = { collection, id }
  const etag = await etagOf(api, path)
  const query = { reason, reference, confirmWithin, dryRun: dryRun ? ('true' as const) : undefined }
  const asked = { path, query, headers: etag === null ? {} : { 'if-match': etag } }
  const { body: answer } =
    file === null
      ? await api.ask('delete', '/v1/policy/{collection}/{id}', asked)
      : await api.ask('put', '/v1/policy/{collection}/{id}', { ...asked, body: partIn(file) })
  if (json) return void io.stdout.write(`${JSON.stringify(answer)}\n`)
  if (!('revision' in answer)) return
  const { revision, base, confirmBy, warnings, guards, tests } = answer
  const lines = dryRun
    ? [
        ...impactLines(answer, ROWS_SHOWN),
        ...testLines(tests),
        ...guards.map((guard) => `needs a second person: ${guard}`),
      ]
    : [revision === base ? `Nothing to do: revision ${base} says the same.` : `Revision ${revision} is in force.`]
  const undone =
    dryRun || confirmBy === null
      ? []
      : [`It is undone at ${confirmBy} unless you confirm it: mizani policy confirm ${revision}`]
  const said = [...lines, ...undone, ...warnings.map((warning) => `warning: ${warning}`)]
  io.stdout.write(said.map((line) => `${line}\n`).join(''))
}

/** Of what is there; null: nothing is, and nothing may be there when it is written. */
async function etagOf(api: ApiClient, path: Part): Promise<string | null> {
  try {
    return (await api.ask('get', '/v1/policy/{collection}/{id}', { path })).etag
  } catch (error) {
    if (error instanceof MizaniError && error.code === 'NOT_FOUND') return null
    throw error
  }
}

function partIn(file: string): Record<string, unknown> {
  try {
    const found: unknown = parse(readFileSync(file === '-' ? STANDARD_INPUT : file, 'utf8'))
    if (isTree(found)) return { ...found }
  } catch (error) {
    throw usageError(`${file} cannot be read: ${messageOf(error)}.`)
  }
  throw usageError(`${file} is not one part of a policy: expected fields, such as "tier: basic".`)
}
