// mizani policy validate, apply, get. Validation needs no controller; the others speak to one over its API.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestVerdict } from '../model/preview.js'
import { warningsOf } from '../policy/compile/compile.js'
import { hashOf } from '../policy/document/canonical.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { validatePolicy } from '../policy/document/validate.js'
import { loadPlane } from '../policy/files/files.js'
import { planeFiles } from '../policy/files/plane-text.js'
import { written } from '../policy/files/written.js'
import { testFailureText } from '../policy/revisions/test-text.js'
import type { Settings } from '../runtime/config.js'
import { invalid, MizaniError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { createApiClient, forPeople } from './api-client.js'

type Client = Pick<Settings, 'client' | 'data'>

/** Solves the tests of a policy: planning's, which no stage may call by itself. */
export type RunTests = (document: PolicyDocument) => Pick<TestVerdict, 'passed' | 'failed'>

/**
 * Checks a folder, and its tests as a commit would.
 * @returns 1 where a test fails
 * @throws MizaniError POLICY_INVALID with every fault.
 */
export async function runPolicyValidate(
  options: { directory: string; json: boolean; runTests: RunTests },
  { stdout }: Io,
): Promise<number> {
  const document = readPlane(options.directory)
  const warnings = warningsOf(document)
  const hash = hashOf(document)
  const tests = options.runTests(document)
  const ok = tests.failed.length === 0
  if (options.json) {
    stdout.write(
      `${JSON.stringify({ ok, plane: document.plane.id, hash, counts: countsOf(document), warnings, tests })}\n`,
    )
    return ok ? 0 : 1
  }
  const counts = Object.entries(countsOf(document)).map(([collection, count]) => `${count} ${collection}`)
  stdout.write(`${options.directory} is valid: plane "${document.plane.id}", ${counts.join(', ')}\n${hash}\n`)
  for (const warning of warnings) stdout.write(`warning: ${warning}\n`)
  const all = tests.passed + tests.failed.length
  stdout.write(all === 0 ? 'no tests: nothing guards this policy\n' : `${tests.passed} of ${all} tests pass\n`)
  for (const failure of tests.failed) stdout.write(`test fails: ${failure.test}: ${testFailureText(failure)}\n`)
  return ok ? 0 : 1
}

export interface ApplyOptions {
  readonly directory: string
  readonly reason?: string
  readonly reference?: string
  /** The revision it was made on. */
  readonly expect?: number
  /** Seconds. */
  readonly confirmWithin?: number
  /** Past approval and tests. */
  readonly breakGlass?: boolean
  readonly json: boolean
  readonly settings: Client
}

/**
 * Makes a folder the next revision.
 * @throws MizaniError POLICY_INVALID, or what the API answers: PRECONDITION_FAILED when somebody else was faster.
 */
export async function runPolicyApply(options: ApplyOptions, { stdout }: Io): Promise<void> {
  const document = readPlane(options.directory)
  const api = createApiClient(options.settings)
  const { body: present, etag, headers } = await api.ask('get', '/v1/policy', {})
  const found = revisionIn(headers)
  if (options.expect !== undefined && options.expect !== found) {
    throw new MizaniError({
      code: 'PRECONDITION_FAILED',
      message: `Revision ${found} is in force, not ${options.expect}: somebody else changed the policy.`,
      advice: 'Look at it with `mizani policy get`, then apply again with --expect or without.',
    })
  }
  if (hashOf(present) === hashOf(document)) {
    const result = { revision: found, hash: hashOf(document), base: found, changed: false, warnings: [] }
    stdout.write(options.json ? `${JSON.stringify(result)}\n` : `Nothing to do: revision ${found} says the same.\n`)
    return
  }
  const reason = options.reason ?? `mizani policy apply ${options.directory}`
  const { reference, confirmWithin, breakGlass } = options
  const query = { reason, reference, confirmWithin, breakGlass: breakGlass ? ('true' as const) : undefined }
  const { body, headers: told } = await api
    .ask('put', '/v1/policy', { query, headers: { 'if-match': etag ?? '' }, body: { ...document } })
    .catch((error: unknown) => {
      throw error instanceof MizaniError && error.code === 'APPROVAL_REQUIRED' ? toPropose(error, options) : error
    })
  // Only a change that is to wait for its hour is answered with a proposal.
  const outcome = body as Extract<typeof body, { readonly revision: number }>
  if (options.json) {
    stdout.write(`${JSON.stringify({ ...outcome, changed: true })}\n`)
    return
  }
  stdout.write(`Revision ${outcome.revision} is in force (${outcome.hash}), made on revision ${outcome.base}.\n`)
  if (outcome.confirmBy) {
    const why = breakGlass || confirmWithin !== undefined ? 'It' : 'Someone loses by it: it'
    stdout.write(`${why} is undone at ${forPeople(outcome.confirmBy, told)} unless you confirm it:\n`)
    stdout.write(`  mizani policy confirm ${outcome.revision}\n`)
  }
  if (breakGlass) stdout.write(`An approver is to sign it: mizani policy sign ${outcome.revision}\n`)
  for (const warning of outcome.warnings) stdout.write(`warning: ${warning}\n`)
}

/** On a command line the way on is a command. */
function toPropose(
  { code, message }: MizaniError,
  { directory, reason = '…' }: Pick<ApplyOptions, 'directory' | 'reason'>,
) {
  const [first = message] = message.split(' Send ', 1)
  return new MizaniError({ code, message: first, advice: `mizani proposal add ${directory} --reason "${reason}"` })
}

/** Prints a policy, the one in force unless said, as JSON, or writes it as files, which `apply` takes back. */
export async function runPolicyGet(
  options: { out?: string; revision?: number; json: boolean; settings: Client },
  { stdout, stderr }: Io,
): Promise<void> {
  const { revision, body } = await readPolicy(options)
  const { out } = options
  if (out === undefined) {
    // For people with their spelling of rates; for programs as the API has it.
    stdout.write(`${JSON.stringify(options.json ? body : written(body), null, 2)}\n`)
    return
  }
  const { document, faults } = validatePolicy(body)
  if (document === null) throw invalid('POLICY_INVALID', 'This release cannot read the policy in force', faults)
  mkdirSync(out, { recursive: true })
  const [present] = readdirSync(out)
  if (present !== undefined) {
    const message = `${out} is not empty (it holds ${present}): nothing was written.`
    throw new MizaniError({ code: 'FILE_EXISTS', message, advice: 'Name another folder.' })
  }
  for (const [name, text] of Object.entries(planeFiles(document))) writeFileSync(join(out, name), text)
  stderr.write(`Revision ${revision} written to ${out}; \`mizani policy apply ${out}\` takes it back.\n`)
}

/** The policy in force, or an old one. */
async function readPolicy(asked: {
  revision?: number
  settings: Client
}): Promise<{ revision: number; body: unknown }> {
  const api = createApiClient(asked.settings)
  const { revision } = asked
  if (revision !== undefined) {
    const { body } = await api.ask('get', '/v1/policy/revisions/{n}', { path: { n: revision } })
    return { revision, body: body.document }
  }
  const { body, headers } = await api.ask('get', '/v1/policy', {})
  return { revision: revisionIn(headers), body }
}

function readPlane(directory: string): PolicyDocument {
  const { document, faults } = loadPlane(directory)
  if (document === null) throw invalid('POLICY_INVALID', `${directory} is not a valid plane`, faults)
  return document
}

function countsOf({ institutions, sites, edges, links, tiers }: PolicyDocument): Record<string, number> {
  const collections = { institutions, sites, edges, links, tiers }
  return Object.fromEntries(Object.entries(collections).map(([name, members]) => [name, Object.keys(members).length]))
}

function revisionIn(headers: Headers): number {
  return Number(headers.get('mizani-revision') ?? Number.NaN)
}
