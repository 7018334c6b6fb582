// The API's own description, made from the schemas that the routes check with: /openapi.json (OpenAPI 3.1) and /docs,
// whose files are served from here and fetch nothing from elsewhere.

import { STATUS_CODES } from 'node:http'
import { fastifySwagger } from '@fastify/swagger'
import { fastifySwaggerUi } from '@fastify/swagger-ui'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Rule } from '../model/principal.js'
import type { App } from './app.js'
import { EXAMPLES } from './examples.js'

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

/** Registered before the routes, so that it sees them all. */
export async function describe(app: App, version: string): Promise<void> {
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
          session: { type: 'apiKey', in: 'cookie', name: 'mizani-session' },
        },
      },
    },
    transform(input) {
      const { schema, url } = jsonSchemaTransform(input)
      const { access = 'open' } = input.route.config ?? {}
      const who = { description: whoMay(access, input.route.config?.scoped === true) }
      return { schema: { ...schema, ...who, ...(isOpen(access) ? {} : { security: SECURITY }) }, url }
    },
    transformObject: (input) => ({ ...finish(jsonSchemaTransformObject(input)) }),
  })
  await app.register(fastifySwaggerUi, { routePrefix: '/docs', staticCSP: DOCS_CSP })
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

/** What the schemas cannot say: the media type of problems, names of the statuses, an example of each body. */
function finish<Document extends object>(document: Document): Document {
  for (const [url, methods] of objectsIn(Reflect.get(document, 'paths'))) {
    for (const [method, operation] of objectsIn(methods)) {
      for (const [status, response] of objectsIn(operation.responses)) {
        response.description = STATUS_CODES[status] ?? 'Answer'
        const { content } = response
        if (Number(status) < 400 || !isObject(content)) continue
        response.content = { 'application/problem+json': content['application/json'] ?? {} }
      }
      const example = EXAMPLES[`${method.toUpperCase()} ${url}`]
      if (example === undefined || !isObject(operation.requestBody)) continue
      for (const [, media] of objectsIn(operation.requestBody.content)) media.example = example
    }
  }
  return document
}

export function documentationRoutes(app: App): void {
  let document: string | undefined
  app.get(
    '/openapi.json',
    { config: { access: 'loopback' }, schema: { hide: true, response: { 200: z.unknown() } } },
    (_request, reply) => {
      document ??= JSON.stringify(app.swagger())
      return reply.type('application/json; charset=utf-8').send(document)
    },
  )
}
