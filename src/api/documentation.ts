// The API's own description, made from the schemas that the routes check with: /openapi.json (OpenAPI 3.1) and /docs,
// whose files are served from here and fetch nothing from elsewhere.

import { fastifySwagger } from '@fastify/swagger'
import { fastifySwaggerUi } from '@fastify/swagger-ui'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from './app.js'

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
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
  await app.register(fastifySwaggerUi, { routePrefix: '/docs', staticCSP: DOCS_CSP })
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
