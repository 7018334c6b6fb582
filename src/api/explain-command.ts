// `mizani explain`: asks the running controller why an institution gets what it gets, and prints its words. The
// sentences are the API's own, so the command line, the page and a script tell the same story.

import { createApiClient } from '../runtime/api-client.js'
import type { ApiAnswered } from '../runtime/api-operations.js'
import type { Settings } from '../runtime/config.js'
import { MizaniError } from '../runtime/errors.js'
import { findInstitution } from '../runtime/institution-search.js'
import type { Io } from '../runtime/io.js'

export interface ExplainArgs {
  /** An id, or part of a name. */
  readonly institution: string
  readonly service?: string
  readonly direction?: 'down' | 'up'
  /** A moment of the past. */
  readonly at?: string
  readonly json: boolean
  readonly settings: Pick<Settings, 'client' | 'data'>
}

type Explained = ApiAnswered<'get', '/v1/institutions/{id}/explain'>

/** Prints one explanation a flow; with `json` the API's own answers, as a list. */
export async function runExplain(args: ExplainArgs, io: Io): Promise<number> {
  const client = createApiClient(args.settings)
  const institution = await findInstitution(client, args.institution)
  const flows = institution.flows.filter(
    ({ service, direction }) => (args.service ?? service) === service && (args.direction ?? direction) === direction,
  )
  if (flows.length === 0) {
    const services = [...new Set(institution.flows.map(({ service }) => service))].join(', ')
    const message = `${institution.id} has no such flow; it has the services ${services || '(none)'}.`
    throw new MizaniError({ code: 'NOT_FOUND', message })
  }
  const lang = io.env.LANG?.startsWith('sw') ? 'sw' : 'en'
  const explanations: Explained[] = []
  for (const { service, direction } of flows) {
    const query = { service, direction, lang, at: args.at } as const
    const { body } = await client.ask('get', '/v1/institutions/{id}/explain', { path: { id: institution.id }, query })
    explanations.push(body)
  }
  const several = flows.length > 1
  const heading = (i: number): string => (several ? `== ${flows[i]!.service}, ${flows[i]!.direction}\n` : '')
  const words = explanations.map(({ text }, i) => `${heading(i)}${text}\n`).join('\n')
  io.stdout.write(args.json ? `${JSON.stringify(explanations, null, 2)}\n` : words)
  return 0
}
