// `mizani render`, `mizani edge confirm`, `drain` and `order`: what people do by hand at edges, by the API.

import { readFileSync, writeFileSync } from 'node:fs'
import type { Enforcement } from '../model/network.js'
import { systemClock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import { durationOf } from '../runtime/duration.js'
import { MizaniError, messageOf, usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { unreadable } from '../runtime/unreadable.js'
import { createApiClient, forPeople } from './api-client.js'

interface Args {
  readonly edge: string
  readonly json: boolean
  readonly settings: Pick<Settings, 'client' | 'data'>
}

const M = 1_000_000

/** The text goes to stdout or into the file, what is not in it to stderr. */
export async function runRender(
  { edge, for: router, port, revision, since, out, remove, json, settings }: Args & RenderArgs,
  io: Io,
): Promise<void> {
  const { body } = await createApiClient(settings).ask('get', '/v1/edges/{id}/rendered', {
    path: { id: edge },
    query: {
      for: router,
      ...(port !== undefined && { port }),
      ...(revision !== undefined && { revision }),
      ...(since !== undefined && { since }),
      ...(remove && { remove: 'true' as const }),
    },
  })
  const { text, left, revision: rendered } = body
  if (json) return printJson(body, io)
  if (since !== undefined && text === '') {
    io.stderr.write(`Revision ${rendered} says the same as ${since}: there is nothing to type.\n`)
    return
  }
  for (const site of left) io.stderr.write(`left out ${site}\n`)
  if (out === undefined) io.stdout.write(text)
  else write(out, text)
  if (remove) return
  const said = port === undefined ? '' : ` --port ${port}`
  const advice = 'with --running FILE what `show running-config` says is held against it'
  io.stderr.write(`When it is in force: mizani edge confirm ${edge} --revision ${rendered}${said}; ${advice}\n`)
}

interface RenderArgs {
  readonly for: 'ios-xe'
  readonly port?: string
  readonly revision?: number
  /** What the router has. */
  readonly since?: number
  readonly out?: string
  readonly remove: boolean
}

interface ConfirmArgs extends Args {
  readonly revision: number
  readonly port?: string
  readonly leftOut: readonly string[]
  /** File of what the router shows. */
  readonly running?: string
}

export async function runEdgeConfirm(
  { edge, revision, port, leftOut, running, json, settings }: ConfirmArgs,
  io: Io,
): Promise<void> {
  const { body, headers } = await createApiClient(settings).ask('post', '/v1/edges/{id}/confirm', {
    path: { id: edge },
    body: {
      ...{ revision, leftOut: [...leftOut] },
      ...(port !== undefined && { port }),
      ...(running !== undefined && { running: textOf(running) }),
    },
  })
  const { differsSince } = forPeople(body, headers)
  if (json) return printJson(body, io)
  const lags =
    differsSince === null ? 'which is what it should have' : `but the policy has said more since ${differsSince}`
  io.stdout.write(`${edge} has revision ${revision} in force, ${lags}.\n`)
}

export async function runEdgeDrain(
  {
    edge,
    reason,
    dryRun,
    end,
    json,
    settings,
  }: Args & { readonly reason?: string; readonly dryRun: boolean; readonly end: boolean },
  io: Io,
): Promise<void> {
  if (end && dryRun) throw usageError('--end and --dry-run cannot be said together.')
  if (!end && !dryRun && reason === undefined) throw usageError('Why is it drained?', 'Say --reason, or --dry-run.')
  const api = createApiClient(settings)
  const { body, headers } = end
    ? await api.ask('delete', '/v1/edges/{id}/drain', { path: { id: edge } })
    : await api.ask('post', '/v1/edges/{id}/drain', {
        path: { id: edge },
        query: { dryRun: dryRun ? 'true' : 'false' },
        body: { reason: reason ?? 'a dry run' },
      })
  const { institutions, draining, waitsFor } = forPeople(body, headers)
  if (json) return printJson(body, io)
  for (const { institution, others, carried } of institutions) {
    const rate = carried === null ? 'not known' : `${(carried / M).toFixed(2)} Mbit/s`
    io.stdout.write(`${institution}\t${rate}\t${others.length === 0 ? 'no other edge' : others.join(', ')}\n`)
  }
  const mark = draining === null ? `${edge} is not being drained.` : `${edge} is being drained since ${draining.since}.`
  io.stdout.write(
    `${mark} ${waitsFor === null ? 'It can be switched off.' : `Not yet to be switched off: ${waitsFor}`}\n`,
  )
}

/**
 * The same order to some edges: what is ordered together until the same time returns together. Where one edge fails,
 * those before it have their order: they are told all the same, with what to say so that the rest joins them.
 */
export async function runEdgeOrder(
  {
    enforcement,
    edges,
    for: duration,
    until: time,
    reason,
    dryRun,
    json,
    settings,
  }: Omit<Args, 'edge'> & {
    readonly enforcement: Enforcement
    readonly edges: readonly string[]
    readonly for?: string
    /** In words or ISO 8601, for the API to read; one of the two at most. */
    readonly until?: string
    readonly reason: string
    readonly dryRun: boolean
  },
  io: Io,
): Promise<void> {
  let end = endOf(duration, time)
  /** As people read it. */
  let ends = ''
  const api = createApiClient(settings)
  const outcomes: unknown[] = []
  try {
    for (const edge of edges) {
      const order = { enforcement, until: end, reason }
      const { body: answer, headers } = await api.ask('post', '/v1/edges/{id}/enforcement', {
        path: { id: edge },
        query: { dryRun: dryRun ? 'true' : 'false' },
        body: order,
      })
      outcomes.push(answer)
      // "In two hours" is a little later for each: the first one's end is everybody's.
      end = answer.until
      if (end !== null) ends = ` until ${forPeople(end, headers)}`
      if (json) continue
      const said = dryRun ? ' (only said)' : ''
      const more = `ask for more than their rate: ${answer.limited.length}`
      io.stdout.write(`${edge}: ${answer.before} -> ${enforcement}${ends}${said}; ${more}\n`)
    }
  } finally {
    if (json) printJson(outcomes, io)
    const [ordered, left] = [edges.slice(0, outcomes.length), edges.slice(outcomes.length)]
    if (left.length > 0 && !dryRun) {
      const option = end === null ? '' : ` with this reason and --until ${/\s/.test(end) ? `"${end}"` : end}`
      const rest = `Not known to be: ${left.join(', ')}; order these again${option}.`
      io.stderr.write(`Ordered${ends}: ${ordered.join(', ') || 'none'}. ${rest}\n`)
    }
  }
}

/** The end of an order, for the API to read. @throws MizaniError, exit code 2. */
function endOf(duration: string | undefined, time: string | undefined): string | null {
  if (duration !== undefined && time !== undefined) throw usageError('--for and --until cannot be said together.')
  if (duration !== undefined) return new Date(systemClock.wall() + durationOf(duration)).toISOString()
  return time ?? null
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MizaniError({ code: 'FILE', message: `${unreadable(file, cause)}.`, cause, exitCode: 2 })
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (cause) {
    throw new MizaniError({ code: 'FILE', message: `Cannot write ${file}: ${messageOf(cause)}.`, cause })
  }
}

function printJson(value: unknown, io: Io): void {
  io.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
