// The type of the server that the resources add their routes to, and what each of them is handed.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { UnixMilliseconds } from '../model/units.js'
import type { ZodType } from '../runtime/zod.js'
import type { BoardView } from './board-view.js'
import type { Identify } from './guard.js'
import type { LinkWordLimit } from './network/link-word-limit.js'
import type { ServerDeps } from './ports.js'
import { PROBLEMS, type ProblemCode, problemSchema } from './problem.js'
import type { ZodTypeProvider } from './type-provider.js'

export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

export interface Context extends ServerDeps {
  /** The last tick as it is shown. @throws ApiError NOT_READY before the first. */
  view(): BoardView
  /** A recorded moment. @throws ApiError NOT_FOUND where nothing is recorded. */
  viewAt(at: UnixMilliseconds): Promise<BoardView>
  readonly identify: Identify
  /** How often an edge may say what its lines carry. */
  readonly linkWords: LinkWordLimit
  /** Whether the policy in force has guards. */
  isGuarded(): boolean
}

/** What any route behind the gate may answer besides its own problems. */
const EVERYWHERE: readonly ProblemCode[] = ['BAD_REQUEST', 'NOT_ACCEPTABLE', 'RATE_LIMITED', 'INTERNAL']
export const GATED: readonly ProblemCode[] = ['UNAUTHENTICATED', 'FORBIDDEN']

/** Documented answers: the good ones, and the problems by status. */
export function answers(
  good: Readonly<Record<number, ZodType>>,
  ...codes: readonly ProblemCode[]
): Record<number, ZodType> {
  const problems = [...EVERYWHERE, ...codes].map((code) => [PROBLEMS[code], problemSchema] as const)
  return { ...Object.fromEntries(problems), ...good }
}
