// What is fit for the trail: every route that is told, with a secret planted in each field of its request and of its
// answer. What a route's rule does not name is in no entry, whatever it is called.

import Fastify from 'fastify'
import t from 'tap'
import { auditWrites, note } from '../../src/api/audit/audit-hook.js'
import { fitOf } from '../../src/api/audit/fit.js'
import { AuditTrail } from '../../src/audit/trail.js'
import { manualClock } from '../../src/runtime/clock.js'
import { isTree } from '../../src/runtime/json.js'
import { createLogger } from '../../src/runtime/log.js'
import { memoryAudit, memoryKeys } from '../audit/memory-store.js'
import { startWholeApi } from './api-fixture.js'

type Schema = Readonly<Record<string, unknown>>

/** Something of every shape that a schema has, with a secret of its own wherever text or a number stands. */
class Planter {
  readonly #defined: Record<string, Schema>
  /** Each secret, and the name of the field in which it stands. */
  readonly planted = new Map<string, string>()

  constructor(components: Record<string, Schema>) {
    this.#defined = components
  }

  of(schema: Schema, name = ''): unknown {
    const { $ref, anyOf, oneOf, allOf, properties, items, additionalProperties: more } = schema
    if (typeof $ref === 'string') return this.of(this.#defined[$ref.split('/').at(-1)!]!, name)
    const choices = (anyOf ?? oneOf ?? allOf) as readonly Schema[] | undefined
    if (choices !== undefined) {
      const all = choices.filter(({ type }) => type !== 'null').map((choice) => this.of(choice, name))
      return all.every(isTree) ? Object.assign({}, ...all) : all[0]
    }
    if (items !== undefined) return [this.of(items as Schema, name)]
    if (properties === undefined && more === undefined) return this.plant(name)
    const inner = (key: string): string => (name === '' ? key : `${name}.${key}`)
    const known = Object.entries((properties ?? {}) as Record<string, Schema>).map(([key, value]) => [
      ...[key, this.of(value, inner(key))],
    ])
    return Object.fromEntries([...known, ['unforeseen', this.plant(inner('unforeseen'))]])
  }

  plant(name: string): string {
    const secret = `planted-${this.planted.size}-${name.replaceAll('.', '-')}`
    this.planted.set(secret, name)
    return secret
  }
}

interface Described {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema: Schema }> }>>
}

t.test('whatever stands in a request or an answer, only what the route names is in the trail', async (t) => {
  const api = await startWholeApi()
  t.teardown(api.close)
  const { paths, components } = JSON.parse((await api.call('/openapi.json')).text)
  const audited = memoryAudit()
  const log = createLogger('test', 'silent')
  const clock = manualClock()
  const app = Fastify({ exposeHeadRoutes: false })
  t.teardown(() => app.close())
  app.addHook('onRequest', async (request) => {
    request.principal = { actor: 'asha', roles: ['admin'], scope: null, person: true, inPerson: true, via: 'password' }
  })
  app.decorateRequest('principal', null)
  const trail = new AuditTrail({ store: audited.port, plane: 'taifa', keys: memoryKeys(), clock, log })
  auditWrites(app as unknown as Parameters<typeof auditWrites>[0], trail, clock)
  const told = api.rules.filter(({ method, told }) => method !== 'HEAD' && told !== null)
  t.ok(told.length > 35, 'routes that are told')
  const answers = new Map<string, { status: number; body: unknown }>()
  for (const { method, url, told: fit } of told) {
    app.route({
      ...{ method: method as 'POST', url, config: { told: fit ?? false } },
      handler: (request, reply) => {
        const { status, body } = answers.get(`${method} ${url}`)!
        note(request as never, { before: body, ...(request.headers.more === 'noted' ? { after: body } : {}) })
        return reply.code(status).send(body)
      },
    })
  }
  for (const { method, url, told: fit } of told) {
    const planter = new Planter(components.schemas)
    const path = url.replace(/:(\w+)/g, '{$1}')
    const described: Described = paths[path][method.toLowerCase()]
    const body = planter.of(described.requestBody?.content['application/json']?.schema ?? { properties: {} })
    const query = new URLSearchParams()
    for (const { name } of described.parameters ?? []) query.set(name, planter.plant(name))
    query.delete('dryRun')
    for (const name of ['reason', 'reference', 'token']) query.set(name, planter.plant(name))
    const address = `${url.replace(/:\w+/g, () => planter.plant('subject'))}?${query}`
    const headers = {
      authorization: `Bearer ${planter.plant('token')}`,
      cookie: `mizani-session=${planter.plant('c')}`,
    }
    const shapes = Object.entries(described.responses)
    for (const more of ['answered', 'noted']) {
      for (const [status, { content }] of shapes) {
        const schema = Object.values(content ?? {})[0]?.schema
        const answer = schema === undefined ? undefined : planter.of(schema)
        // The code of a refusal is ours.
        const code = isTree(answer) && 'code' in answer ? { code: 'FORBIDDEN' } : {}
        const said = isTree(answer) ? { ...answer, ...code } : undefined
        answers.set(`${method} ${url}`, { status: Number(status), body: said })
        // What is refused again within a minute is only counted.
        await clock.advance(60_000)
        await app.inject({
          method: method as 'POST',
          url: address,
          headers: { ...headers, more },
          payload: body as object,
        })
      }
    }
    t.ok(audited.rows.length > 1, `${method} ${url} is told`)
    const text = audited.rows.map((row) => row.text).join()
    const leaked = [...planter.planted].filter(([secret, name]) => text.includes(secret) && !(fit ?? []).includes(name))
    t.strictSame(leaked, [], `${method} ${url}`)
    audited.rows.length = 0
  }
})

t.test('no rule names what lets in, and a route that writes has one', async (t) => {
  const api = await startWholeApi()
  t.teardown(api.close)
  const lets = /(^|\.)(password|present|secret|token|line|key|keys|url|address|ca|cookie|fingerprint|detail|\*)$/
  const named = api.rules.flatMap(({ method, url, told }) => (told ?? []).map((name) => `${method} ${url} ${name}`))
  // What an override names is an institution or a service of the policy.
  t.strictSame(
    named.filter((name) => lets.test(name) && !name.includes(' patch.')),
    [],
  )
  const silent = api.rules.filter(({ method, told }) => told === null && !['GET', 'HEAD', 'OPTIONS'].includes(method))
  t.strictSame(silent.map(({ method, url }) => `${method} ${url}`).sort(), [
    'POST /v1/edges/:id/reports',
    'POST /v1/institutions/:id/what-if',
    'POST /v1/ledger/:month/reconcile',
    'POST /v1/links/:id/samples',
    'POST /v1/links/:id/what-if',
    'POST /v1/me/factors/passkeys/options',
    'POST /v1/policy/preview',
    'POST /v1/session/passkey/options',
    'POST /v1/session/provider',
  ])
})

t.test('a name lets through what is plain, or a list of it, and never an object', async (t) => {
  const value = { id: 'a', user: { roles: ['x', { token: 'y' }], password: 'z' }, list: [{ id: 1 }, { id: 2, key: 3 }] }
  t.strictSame(fitOf(value, ['id', 'user', 'list.id']), { id: 'a', list: [{ id: 1 }, { id: 2 }] })
  t.strictSame(fitOf(value, ['user.roles']), { user: { roles: ['x'] } })
  t.strictSame(fitOf(value, ['user.*']), { user: { roles: ['x'], password: 'z' } })
  for (const nothing of [null, undefined, 'a secret', 7, {}, []]) t.strictSame(fitOf(nothing, ['id']) ?? [], [])
})
