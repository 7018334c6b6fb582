// The description of the API: an independent validator accepts it, and every body it shows is one that the route takes.

import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { z } from 'zod'
import { EXAMPLES } from '../../src/api/examples.js'
import { startApi } from './api-fixture.js'
import { clientTypes, TYPES_FILE } from './client-types.js'

const response = z.looseObject({ description: z.string(), content: z.record(z.string(), z.unknown()).optional() })
const operation = z.looseObject({
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  requestBody: z.looseObject({ content: z.record(z.string(), z.looseObject({ example: z.unknown() })) }).optional(),
  responses: z.record(z.string(), response),
})
const described = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), operation)) })

t.test('an independent validator accepts it as OpenAPI 3.1', async (t) => {
  const api = await startApi()
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
  const api = await startApi()
  t.teardown(api.close)
  const { paths } = described.parse((await api.call('/openapi.json')).json())
  const open = new Set(
    api.rules
      .filter(({ access }) => access === 'open' || access === 'loopback')
      .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`),
  )
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { security, requestBody, responses }] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`
      t.equal(security === undefined, open.has(name), `${name} says whether it is open`)
      for (const [status, { description, content }] of Object.entries(responses)) {
        t.not(description, 'Default Response')
        if (Number(status) >= 400) t.strictSame(Object.keys(content ?? {}), ['application/problem+json'], name)
      }
      if (requestBody === undefined) continue
      const { example } = requestBody.content['application/json'] ?? {}
      t.ok(example, `${name} shows a body`)
      t.strictSame(example, EXAMPLES[name])
      const url = path.replaceAll(/\{(\w+)\}/g, 'nothing-of-this-name')
      const answer = await api.send(method.toUpperCase(), url, example, { headers: { 'if-match': '"r7"' } })
      const wrong = /The (body|request) is not valid/.test(answer.text)
      t.notOk(wrong || answer.status === 415, `${name} takes it: ${answer.status} ${answer.text.slice(0, 200)}`)
    }
  }
})

t.test("the client's types are those of this description", async (t) => {
  const present = readFileSync(TYPES_FILE, 'utf8')
  const wanted = await clientTypes()
  t.ok(present === wanted, 'or else: npm run client')
  t.match(wanted, /readonly "\/v1\/policy\/import\/institutions": \{/)
})
