// Where the server's requests and answers are held against their schemas: bundled with them (runtime/zod.ts), so that
// both are of one zod.

export type { ZodTypeProvider } from 'fastify-type-provider-zod'
export {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
