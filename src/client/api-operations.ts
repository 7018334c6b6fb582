// The API as the compiler sees it: which method an address has, what it takes, what it answers. All of it is read off
// the generated api-types.ts, so that a command which asks for what is not there, or looks for what is not answered,
// does not compile.

import type { paths } from './api-types.js'

export type ApiMethod = 'get' | 'put' | 'post' | 'patch' | 'delete'

/** Addresses that have the method, as OpenAPI writes them. */
export type ApiPath<M extends ApiMethod> = {
  [P in keyof paths]: M extends keyof paths[P] ? P : never
}[keyof paths]

type Operation<M extends ApiMethod, P extends ApiPath<M>> = M extends keyof paths[P] ? paths[P][M] : never

type Parameter<Op, In extends string> = Op extends { readonly parameters: infer All }
  ? In extends keyof All
    ? Exclude<All[In], undefined>
    : never
  : never
type Plain = string | number | boolean | null | undefined | readonly unknown[]
/** What is undefined is not sent, at any depth. */
type Loose<Value> = unknown extends Value
  ? Value
  : Value extends Plain
    ? Value
    : { readonly [Name in keyof Value]: Loose<Value[Name]> | undefined }
type Json<Op> = Op extends { readonly requestBody?: { readonly content: { readonly 'application/json': infer Body } } }
  ? Loose<Body>
  : never
/** Only what the operation has. */
type Has<Key extends string, Values> = [Values] extends [never] ? unknown : { readonly [K in Key]: Values }
type May<Key extends string, Values> = [Values] extends [never] ? unknown : { readonly [K in Key]?: Values }

/** What is asked: names in the address, query, body. */
export type ApiAsked<M extends ApiMethod, P extends ApiPath<M>> = Has<'path', Parameter<Operation<M, P>, 'path'>> &
  May<'query', Loose<Parameter<Operation<M, P>, 'query'>>> &
  Has<'body', Json<Operation<M, P>>> & { readonly headers?: Readonly<Record<string, string>> }

type Content<Response> = Response extends { readonly content: infer Types } ? Types[keyof Types] : null

/** What is answered where all is well. */
export type ApiAnswered<M extends ApiMethod, P extends ApiPath<M>> =
  Operation<M, P> extends { readonly responses: infer All } ? Content<All[keyof All]> : never
