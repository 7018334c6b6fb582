// The description of the API: an independent validator accepts it, and every body it shows is one that the route takes.

import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { examplesAt } from '../../src/api/examples.js'
import * as z from '../../src/runtime/zod.js'
import { startWholeApi } from './api-fixture.js'
import { clientTypes, RULES_FILE, ruleTable, TYPES_FILE } from './client-types.js'

const response = z.looseObject({ description: z.string(), content: z.record(z.string(), z.unknown()).optional() })
const operation = z.looseObject({
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  parameters: z.array(z.looseObject({ in: z.string(), name: z.string(), example: z.unknown().optional() })).optional(),
  requestBody: z
    .looseObject({
      content: z.record(z.string(), z.looseObject({ example: z.unknown().optional(), schema: z.unknown() })),
    })
    .optional(),
  responses: z.record(z.string(), response),
})
const described = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
})

/** What a device of its own makes, of bytes that nobody types. */
const DEVICES = ['POST /v1/edges/{id}/reports', 'POST /v1/session/passkey', 'POST /v1/me/factors/passkeys']
/** Nor a browser on its way to a provider. */
const TRAVELS = ['POST /v1/session/provider', 'POST /v1/session/provider/return']

t.test('an independent validator accepts it as OpenAPI 3.1', async (t) => {
  const api = await startWholeApi()
  t.teardown(api.close)
  const document = (await api.call('/openapi.json')).json() as Record<string, unknown>
  const validator = new Validator()
  const { valid, errors } = await validator.validate(structuredClone(document))
  t.ok(valid, JSON.stringify(errors))
  t.equal(validator.version, '3.1')
  const spoilt = structuredClone(document)
  Object.assign(spoilt, { paths: { '/v1/status': { get: { responses: { soon: {} } } } } })
  t.notOk((await new Validator().validate(spoilt)).valid, 'and would refuse another')
})

t.test('it says who may ask, what a problem looks like, and shows a right body for every body', async (t) => {
  const api = await startWholeApi()
  t.teardown(api.close)
  const examples = examplesAt(api.clock.wall())
  const { paths } = described.parse((await api.call('/openapi.json')).json())
  const open = new Set(
    api.rules
      .filter(({ access }) => access === 'open' || access === 'loopback')
      .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`),
  )
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  t.strictSame(
    Object.keys(examples).filter((name) => !operations.includes(name)),
    [],
    'no example of what is gone',
  )
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { security, parameters = [], requestBody, responses }] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`
      t.equal(security === undefined, open.has(name), `${name} says whether it is open`)
      for (const [status, { description, content }] of Object.entries(responses)) {
        t.not(description, 'Default Response')
        if (Number(status) >= 400) t.strictSame(Object.keys(content ?? {}), ['application/problem+json'], name)
      }
      const shown = parameters
        .filter(({ example }) => example !== undefined)
        .map(({ name, example }) => [name, example])
      const { path: inPath, query, headers } = examples[name] ?? {}
      t.strictSame(
        Object.fromEntries(shown),
        { ...inPath, ...query, ...headers },
        `${name} shows what may stand beside`,
      )
      // What an edge's own software sends is described with the messages.
      if (requestBody === undefined || [...DEVICES, ...TRAVELS].includes(name)) continue
      const { example } = requestBody.content['application/json'] ?? {}
      t.ok(example, `${name} shows a body`)
      t.strictSame(example, examples[name]?.body)
      const url = path.replaceAll(/\{(\w+)\}/g, 'nothing-of-this-name')
      const answer = await api.send(method.toUpperCase(), url, example, { headers: { 'if-match': '"r7"' } })
      const wrong = /The (body|request) is not valid/.test(answer.text)
      t.notOk(wrong || answer.status === 415, `${name} takes it: ${answer.status} ${answer.text.slice(0, 200)}`)
    }
  }
})

t.test('the policy and its parts are typed, every field with its meaning', async (t) => {
  const api = await startWholeApi()
  t.teardown(api.close)
  const { paths, components } = described.parse((await api.call('/openapi.json')).json())
  const bodyOf = (path: string, method: string) =>
    JSON.stringify(paths[path]?.[method]?.requestBody?.content['application/json']?.schema)
  t.equal(bodyOf('/v1/policy', 'put'), '{"$ref":"#/components/schemas/PolicyInput"}')
  t.match(bodyOf('/v1/policy/preview', 'post'), '#/components/schemas/PolicyInput')
  t.match(bodyOf('/v1/overrides', 'post'), '"patch":{"$ref":"#/components/schemas/PolicyPatchInput"}')
  for (const part of ['Guard', 'Mode', 'Schedule', 'Calendar', 'Envelope', 'Test', 'Tier', 'Site'])
    t.match(bodyOf('/v1/policy/{collection}/{id}', 'put'), `#/components/schemas/Policy${part}Input"`)
  t.match(components.schemas.PolicyGuardInput, {
    required: ['name'],
    properties: { losers: { type: 'integer', description: /More institutions than this lose/ } },
  })
  t.match(components.schemas.PolicyEdgeInput, {
    properties: { port: { anyOf: [{ type: ['string', 'number'] }, { type: 'object' }] } },
  })
  t.match(components.schemas.PolicyEdge, { properties: { port: { properties: { down: { type: 'number' } } } } })
  const { description } = z.looseObject({ description: z.string() }).parse(paths['/v1/policy']?.put)
  t.equal(description, 'Role: operator. With a scope: only what lies inside it.')
})

t.test("the client's types are those of this description", async (t) => {
  const present = readFileSync(TYPES_FILE, 'utf8')
  const wanted = await clientTypes()
  t.ok(present === wanted, 'or else: npm run client')
  t.ok(readFileSync(RULES_FILE, 'utf8') === (await ruleTable()), 'nor what roles may do')
  t.match(wanted, /readonly "\/v1\/policy\/import\/institutions": \{/)
})
