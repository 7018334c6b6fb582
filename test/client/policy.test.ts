// mizani init and mizani policy as a person meets them: what is written, what is said, and what an API that answers or
// refuses makes of it. The API is a small server of this test's own that holds one document and compares ETags.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { forPeople } from '../../src/client/api-client.js'
import { runPolicyApply, runPolicyGet, runPolicyValidate } from '../../src/client/policy.js'
import { stateLines } from '../../src/client/proposals.js'
import { runTests } from '../../src/planning/policy-tests.js'
import { hashOf } from '../../src/policy/document/canonical.js'
import { policyOutline } from '../../src/policy/document/describe.js'
import { EXAMPLE_POLICY } from '../../src/policy/document/example.js'
import { COLLECTIONS } from '../../src/policy/document/names.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { EMPTY_PLANE } from '../../src/policy/files/empty-plane.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { runInit } from '../../src/policy/files/init.js'
import { MizaniError } from '../../src/runtime/errors.js'
import { settingsOutline } from '../../src/runtime/explain-settings.js'
import type { Io } from '../../src/runtime/io.js'

function terminal(): { io: Io; out: string[]; err: string[] } {
  const out: string[] = []
  const err: string[] = []
  const sink = (lines: string[]) => ({ write: (text: string) => lines.push(text) })
  return { io: { stdout: sink(out), stderr: sink(err), env: {}, isTTY: false }, out, err }
}

async function initialised(t: Test): Promise<string> {
  const directory = join(t.testdir(), 'plane')
  await runInit({ directory }, terminal().io)
  return directory
}

/** Answers GET and PUT /v1/policy as the real one does. */
async function policyServer(t: Test, document: unknown) {
  const state = { document, revision: 1, reasons: [] as string[] }
  const etag = () => `"${hashOf(state.document)}"`
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://x')
    let body = ''
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      const answer = (status: number, value: unknown) =>
        response
          .writeHead(status, { etag: etag(), 'mizani-revision': state.revision, 'content-type': 'application/json' })
          .end(JSON.stringify(value))
      if (request.headers.authorization !== 'Bearer secret') return answer(401, problem('UNAUTHENTICATED'))
      if (request.method === 'GET') return answer(200, state.document)
      if (request.headers['if-match'] !== etag()) return answer(412, problem('PRECONDITION_FAILED'))
      state.document = JSON.parse(body)
      state.reasons.push(url.searchParams.get('reason') ?? '')
      const base = state.revision++
      return answer(200, { revision: state.revision, hash: hashOf(state.document), base, warnings: ['tight'] })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const settings = { client: { url, token: 'secret' }, data: t.testdirName }
  return { state, settings }
}

const problem = (code: string) => ({ type: 'about:blank', title: code, status: 0, code, detail: code })

/** The error of a promise that must be rejected. */
async function refusalOf(promise: Promise<unknown>): Promise<MizaniError> {
  const outcome: unknown = await promise.then(
    () => null,
    (error: unknown) => error,
  )
  if (!(outcome instanceof MizaniError)) throw new Error(`expected a refusal, found ${outcome}`)
  return outcome
}

t.test('every field of a policy and of the settings is described, and the example is a policy', async (t) => {
  for (const outline of [policyOutline(), settingsOutline()]) {
    const bare: string[] = []
    const walk = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return
      for (const [key, value] of Object.entries(node)) {
        const fields = key === 'properties' ? Object.entries(value as object) : []
        for (const [name, field] of fields) if (!outline.resolved(field).description) bare.push(`${path}.${name}`)
        walk(value, `${path}.${key}`)
      }
    }
    walk(outline.root, '')
    t.strictSame(bare, [])
  }
  const { document, faults } = validatePolicy(EXAMPLE_POLICY)
  t.strictSame(faults, [])
  for (const collection of COLLECTIONS) t.not(Object.keys(document?.[collection] ?? {}).length, 0, collection)
})

t.test('init writes a plane that is valid at once, and never writes over anything', async (t) => {
  const directory = await initialised(t)
  t.same(readdirSync(directory).sort(), Object.keys(EMPTY_PLANE).sort())
  const { io, out } = terminal()
  t.equal(await runPolicyValidate({ directory, json: false, runTests }, io), 0)
  t.match(out.join(''), /^no tests: nothing guards this policy$/m)
  t.match(out.join(''), /is valid: plane "example", 1 institutions, 1 sites, 1 edges/)
  await t.rejects(runInit({ directory }, io), { code: 'FOLDER_NOT_EMPTY', exitCode: 1 })
  writeFileSync(join(directory, '..', 'file'), '')
  await t.rejects(runInit({ directory: join(directory, '..', 'file') }, io), { code: 'FOLDER_UNUSABLE' })
})

t.test('validate prints counts and hash as JSON, and refuses with every fault', async (t) => {
  const directory = await initialised(t)
  const { io, out } = terminal()
  await runPolicyValidate({ directory, json: true, runTests }, io)
  const { document } = loadPlane(directory)
  t.match(JSON.parse(out.join('')), { ok: true, plane: 'example', hash: hashOf(document), warnings: [] })
  writeFileSync(join(directory, 'sites.csv'), EMPTY_PLANE['sites.csv']!.replace('edge-1', 'nowhere'))
  const refused = await refusalOf(runPolicyValidate({ directory, json: false, runTests }, io))
  t.match(refused, {
    code: 'POLICY_INVALID',
    faults: [{ file: join(directory, 'sites.csv'), line: 2, pointer: '/sites/example-agency.office/edge' }],
  })
  const nowhere = await refusalOf(runPolicyValidate({ directory: join(directory, 'none'), json: false, runTests }, io))
  t.same(
    nowhere.faults.map(({ message }) => message),
    ['there is no such folder'],
  )
})

t.test('validate runs the tests: one that fails says who, where and how far', async (t) => {
  const directory = await initialised(t)
  const tests = `tests:
  fits: { expect: { service: internet, direction: down }, atLeast: 1Mbps }
  office-reads: { expect: { institution: example-agency, service: internet, direction: down }, atLeast: 40Mbps,
    during: { derate: { transit-a: 0.01 } } }
`
  const policy = join(directory, 'policy.yaml')
  writeFileSync(policy, `${readFileSync(policy, 'utf8').replace(/^tests:.*$/m, '')}\n${tests}`)
  const text = terminal()
  t.equal(await runPolicyValidate({ directory, json: false, runTests }, text.io), 1)
  const said = text.out.join('')
  t.match(said, /^1 of 2 tests pass$/m)
  const sentence =
    /^test fails: office-reads: (.*), internet down: expected 40 Mbit\/s, would get (.*), (.*) short when /m
  t.match(said, sentence)
  t.equal(sentence.exec(said)?.[1], 'example-agency')
  t.match(said, /; it stops at transit-a\.down$/m)
  const json = terminal()
  t.equal(await runPolicyValidate({ directory, json: true, runTests }, json.io), 1)
  t.match(JSON.parse(json.out.join('')), { ok: false, tests: { passed: 1, failed: [{ test: 'office-reads' }] } })
})

t.test('apply twice is apply once', async (t) => {
  const directory = await initialised(t)
  const { state, settings } = await policyServer(t, loadPlane(directory).document)
  const tiers = join(directory, 'tiers.yaml')
  writeFileSync(tiers, readFileSync(tiers, 'utf8').replace('ceiling: 50Mbps', 'ceiling: 60Mbps'))
  const first = terminal()
  await runPolicyApply({ directory, json: false, settings }, first.io)
  t.match(first.out.join(''), /^Revision 2 is in force \(sha256:[0-9a-f]{64}\), made on revision 1.\nwarning: tight\n$/)
  t.same(state.document, loadPlane(directory).document)
  t.same(state.reasons, [`mizani policy apply ${directory}`])
  const second = terminal()
  await runPolicyApply({ directory, json: false, settings }, second.io)
  t.equal(second.out.join(''), 'Nothing to do: revision 2 says the same.\n')
  t.equal(state.revision, 2)
})

t.test('apply stops when somebody else was faster, and says so', async (t) => {
  const directory = await initialised(t)
  const { state, settings } = await policyServer(t, { other: true })
  await t.rejects(runPolicyApply({ directory, expect: 7, json: false, settings }, terminal().io), {
    code: 'PRECONDITION_FAILED',
    message: /Revision 1 is in force, not 7/,
  })
  t.equal(state.revision, 1)
  const { io, out } = terminal()
  await runPolicyApply({ directory, expect: 1, reason: 'new tiers', json: true, settings }, io)
  t.match(JSON.parse(out.join('')), { revision: 2, base: 1, changed: true })
  t.same(state.reasons, ['new tiers'])
})

t.test('get prints the document in force, or writes it as a folder that was not there', async (t) => {
  const directory = await initialised(t)
  const { document } = loadPlane(directory)
  const { settings } = await policyServer(t, document)
  const { io, out, err } = terminal()
  await runPolicyGet({ json: true, settings }, io)
  t.same(JSON.parse(out.join('')), document)
  const people = terminal()
  await runPolicyGet({ json: false, settings }, people.io)
  t.match(people.out.join(''), /"ceiling": "50Mbps"/, 'people read rates as they write them')
  t.notMatch(people.out.join(''), /\d{6}/)
  const folder = join(t.testdirName, 'copy')
  await runPolicyGet({ out: folder, json: false, settings }, io)
  t.same(loadPlane(folder), { document, faults: [] })
  t.match(readFileSync(join(folder, 'tiers.yaml'), 'utf8'), /ceiling: 50Mbps/)
  t.match(err.join(''), /Revision 1 written/)
  await t.rejects(runPolicyGet({ out: folder, json: false, settings }, io), { code: 'FILE_EXISTS' })
})

t.test('times and proposals are said as people read them, and what is done is not asked for again', async (t) => {
  const headers = new Headers({ 'mizani-timezone': 'Africa/Dar_es_Salaam' })
  const body = { until: '2026-11-25T07:05:00.000Z', note: 'undone at 2026-11-25T07:05:30Z', n: 3, none: null }
  t.same(forPeople(body, headers), {
    ...{ until: '2026-11-25 10:05 EAT', note: 'undone at 2026-11-25 10:05:30 EAT', n: 3, none: null },
  })
  t.equal(forPeople(body, new Headers()), body, 'an older controller names no zone')
  const proposal = { id: 'p-1', state: 'open', guards: ['two'], changes: [{}], losses: [], effectiveAt: null }
  const said = (more: object): string => stateLines({ ...proposal, ...more } as never).join(' ')
  t.match(said({}), /is open: 1 place.* Somebody other than its author agrees: .*proposal approve p-1$/)
  t.notMatch(said({ state: 'approved' }), /when it is approved|agrees/)
  t.match(said({ state: 'approved' }), /is approved: .*mizani proposal commit p-1$/)
})

t.test('no controller, or no token, is one clear sentence', async (t) => {
  const directory = await initialised(t)
  mkdirSync(join(directory, 'data'))
  const nobody = { client: { url: 'http://127.0.0.1:1', token: null }, data: join(directory, 'data') }
  await t.rejects(runPolicyGet({ json: true, settings: nobody }, terminal().io), { code: 'NOT_REACHED' })
  const { settings } = await policyServer(t, {})
  const stranger = { ...settings, client: { ...settings.client, token: 'guess' } }
  await t.rejects(runPolicyGet({ json: true, settings: stranger }, terminal().io), { code: 'UNAUTHENTICATED' })
})
