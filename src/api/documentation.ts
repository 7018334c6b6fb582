// The API's own description, made from the schemas that the routes check with: /openapi.json (OpenAPI 3.1) and /docs,
// whose files are served from here and fetch nothing from elsewhere.

import { STATUS_CODES } from 'node:http'
import { fastifySwagger } from '@fastify/swagger'
import { fastifySwaggerUi } from '@fastify/swagger-ui'
import type { Rule } from '../model/principal.js'
import type { Milliseconds } from '../model/units.js'
import { bothForms } from '../policy/document/describe.js'
import type { Clock } from '../runtime/clock.js'
import * as z from '../runtime/zod.js'
import type { App } from './app.js'
import { examplesAt } from './examples.js'
import { jsonSchemaTransform, jsonSchemaTransformObject } from './type-provider.js'

/** Swagger UI sets style attributes at run time; scripts stay confined to our own files. */
const DOCS_CSP = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'frame-ancestors': "'none'",
}

/**
 * A schema that lets through what another one judges later, with faults of its own (a whole policy: POLICY_INVALID, not
 * BAD_REQUEST), and that other one, which is what readers want to see.
 */
const shown = new WeakMap<z.ZodType, z.ZodType>()
export function shownAs<Accepted extends z.ZodType>(accepted: Accepted, described: z.ZodType): Accepted {
  shown.set(accepted, described)
  return accepted
}

const better = (schema: unknown): unknown => (schema instanceof z.ZodType ? (shown.get(schema) ?? schema) : schema)
const all = (schemas: unknown): Json =>
  isObject(schemas) ? Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, better(schema)])) : {}

/** Registered before the routes, so that it sees them all. */
export async function describe(app: App, version: string, clock: Pick<Clock, 'wall'>): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Mizani',
        version,
        description: 'Bandwidth allocation and traffic shaping. Rates are bit/s at layer 2.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'mizani-session',
            description: 'Under HTTPS __Host-mizani-session',
          },
        },
      },
    },
    transform(input) {
      const { body, response } = input.schema
      const asked = { ...input.schema, ...(body === undefined ? {} : { body: better(body) }), response: all(response) }
      const { schema, url } = jsonSchemaTransform({ ...input, schema: asked })
      const { access = 'open' } = input.route.config ?? {}
      const own = typeof schema.description === 'string' ? [schema.description] : []
      const who = { description: [...own, whoMay(access, input.route.config?.scoped === true)].join('\n\n') }
      return { schema: { ...schema, ...who, ...(isOpen(access) ? {} : { security: SECURITY }) }, url }
    },
    transformObject: (input) => ({ ...finish(jsonSchemaTransformObject(input)) }),
  })
  await app.register(fastifySwaggerUi, {
    ...{ routePrefix: '/docs', staticCSP: DOCS_CSP },
    transformSpecification: (document) => withExamples(document, examplesAt(clock.wall())),
  })
}

const SECURITY = [{ token: [] }, { session: [] }]
const isOpen = (access: Rule): boolean => access === 'open' || access === 'loopback'

/** Who may call it, in the rule's own words. */
function whoMay(access: Rule, scoped: boolean): string {
  if (access === 'open') return 'Open to everybody.'
  if (access === 'loopback') return 'Open on the machine itself; elsewhere for whoever may look around (viewer).'
  const roles = access === 'any' ? 'For whoever is signed in' : `Role: ${[access].flat().join(' or ')}`
  return `${roles}.${scoped ? ' With a scope: only what lies inside it.' : ''}`
}

type Json = { [key: string]: unknown }
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const objectsIn = (value: unknown): [string, Json][] =>
  isObject(value) ? Object.entries(value).filter((entry): entry is [string, Json] => isObject(entry[1])) : []

/** What the schemas cannot say: the media type of problems, names of the statuses, that one rate may stand for two. */
function finish<Document extends object>(document: Document): Document {
  const { paths, components } = document as Json
  const operations = objectsIn(paths).flatMap(([, methods]) => objectsIn(methods))
  for (const [status, response] of operations.flatMap(([, { responses }]) => objectsIn(responses))) {
    response.description = STATUS_CODES[status] ?? 'Answer'
    const { content } = response
    if (Number(status) < 400 || !isObject(content)) continue
    response.content = { 'application/problem+json': content['application/json'] ?? {} }
  }
  const { schemas } = isObject(components) ? components : {}
  // The name under which the library keeps what is written rather than answered.
  for (const [name, schema] of objectsIn(schemas))
    if (isObject(schemas) && name.endsWith('Input')) schemas[name] = bothForms(schema)
  return document
}

/** The description with a request that is right now: of times some lie ahead. Writes over what it is given. */
function withExamples<Document extends object>(document: Document, examples: ReturnType<typeof examplesAt>): Document {
  for (const [url, methods] of objectsIn(Reflect.get(document, 'paths'))) {
    for (const [method, operation] of objectsIn(methods)) {
      const { path, query, headers, body } = examples[`${method.toUpperCase()} ${url}`] ?? {}
      const places: Readonly<Record<string, Readonly<Record<string, string>> | undefined>> = {
        path,
        query,
        header: headers,
      }
      const parameters: unknown[] = Array.isArray(operation.parameters) ? operation.parameters : []
      for (const parameter of parameters.filter(isObject)) {
        const example = places[String(parameter.in)]?.[String(parameter.name)]
        if (example !== undefined) parameter.example = example
      }
      if (body === undefined || !isObject(operation.requestBody)) continue
      for (const [, media] of objectsIn(operation.requestBody.content)) media.example = body
    }
  }
  return document
}

/** Times in examples that lie ahead do so for longer. */
const EXAMPLES_HOLD: Milliseconds = 60_000

export function documentationRoutes(app: App, clock: Pick<Clock, 'wall'>): void {
  let written = { at: Number.NEGATIVE_INFINITY, text: '' }
  app.get(
    '/openapi.json',
    { config: { access: 'loopback' }, schema: { hide: true, response: { 200: z.unknown() } } },
    (_request, reply) => {
      const now = clock.wall()
      if (now < written.at || now - written.at > EXAMPLES_HOLD) {
        const document = withExamples(structuredClone(app.swagger()), examplesAt(now))
        written = { at: now, text: JSON.stringify(document) }
      }
      return reply.type('application/json; charset=utf-8').send(written.text)
    },
  )
}
