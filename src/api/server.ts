// The HTTP server: one gate, one shape of errors, and the resources behind them, in that order. It reads the board and
// hands writes to the ports; it decides nothing about bandwidth.

import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { fastifyCookie } from '@fastify/cookie'
import { fastifyHelmet } from '@fastify/helmet'
import { fastifyRateLimit } from '@fastify/rate-limit'
import Fastify, { type FastifyBaseLogger, type FastifyServerOptions, LogController } from 'fastify'
import type { Board } from '../model/board.js'
import { SECOND } from '../model/units.js'
import { ConnectionGuard } from '../runtime/connections.js'
import { LAST_WORDS, MAX_REQUEST_BYTES, MAX_REQUESTS_PER_SECOND } from '../runtime/limits.js'
import { logAccess } from './access-log.js'
import { emergencyRoutes } from './accounts/emergency.js'
import { factorRoutes } from './accounts/factors.js'
import { passkeyRoutes } from './accounts/passkeys.js'
import { providerRoutes } from './accounts/provider.js'
import { sessionRoutes } from './accounts/session.js'
import { sessionListRoutes } from './accounts/sessions.js'
import { tokenRoutes } from './accounts/tokens.js'
import { userRoutes } from './accounts/users.js'
import { alarmRoutes } from './alarms/alarms.js'
import { webhookRoutes } from './alarms/webhooks.js'
import type { App, Context } from './app.js'
import { auditRoutes } from './audit/audit.js'
import { auditWrites } from './audit/audit-hook.js'
import { boardViews } from './board-view.js'
import { type ConsoleFiles, consoleRoutes, isForPerson, readConsole } from './console.js'
import { demoRoutes } from './demo.js'
import { describe, documentationRoutes } from './documentation.js'
import { edgeAccountRoutes } from './edges/edge-accounts.js'
import { edgePackageRoutes } from './edges/edge-package.js'
import { edgePullRoutes } from './edges/edge-pull.js'
import { edgeRoutes } from './edges/edges.js'
import { staticEdgeRoutes } from './edges/static-edges.js'
import { eventRoutes } from './events/events.js'
import { guard, guardAgain, identifyBy, type RouteRule, routeBook } from './guard.js'
import { idempotentWrites } from './idempotency.js'
import { freezeRoutes } from './in-force/freeze.js'
import { inForceRoutes, inForceViews } from './in-force/in-force.js'
import { modeRoutes } from './in-force/modes.js'
import { overrideRoutes } from './in-force/overrides.js'
import { historyRoutes } from './institutions/history.js'
import { figureRoutes, institutionRoutes } from './institutions/institutions.js'
import { ledgerRoutes } from './ledger/ledger.js'
import { metricsRoutes } from './metrics.js'
import { readMoments } from './moments.js'
import { linkFlowRoutes } from './network/link-flows.js'
import { linkStateRoutes, linkWhatIfRoutes } from './network/link-state.js'
import { LinkWordLimit } from './network/link-word-limit.js'
import { networkRoutes, nodeRoutes } from './network/network.js'
import { sampleRoutes } from './network/samples.js'
import { packLongAnswers } from './packed.js'
import { nameRoutes } from './policy/names.js'
import { policyRoutes } from './policy/policy.js'
import type { ServerDeps } from './ports.js'
import { ApiError, answerError, PROBLEM_TYPE, problemOf } from './problem.js'
import { requestRoutes } from './requests/requests.js'
import { readWithinScopes } from './scoped-reading.js'
import { simulationRoutes } from './simulations/simulations.js'
import { statusRoutes } from './status.js'
import { takeTurns } from './turns.js'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from './type-provider.js'
import { leaveLargeUnread } from './unread-body.js'

export interface ApiServer {
  readonly app: App
  /** Every route with its rule. */
  readonly rules: readonly RouteRule[]
  /** Addresses whose connections are being limited. */
  limited(): readonly string[]
  /** Edges of which words about their lines are being refused. */
  flapping(): readonly string[]
}

/**
 * Builds the server; `app.listen({ host, port })` starts it and gives its URL, `app.close()` ends it within seconds.
 * Whether this host may be listened on without TLS is the settings' question.
 */
export async function createServer(deps: ServerDeps): Promise<ApiServer> {
  const app = bare(deps)
  const { clock, log, http } = deps
  const connections = new ConnectionGuard({ limits: http.connections, trustProxy: http.trustProxy, clock, log })
  connections.watch(app.server)
  leaveLargeUnread(app)
  const book = routeBook()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(answerError)
  app.addHook('onRoute', book.enter)
  app.decorateRequest('principal', null)
  app.decorateRequest('answer', null)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store')
  })
  if (deps.http.accessLog) logAccess(app)
  readMoments(app, deps)
  await secure(app, deps)
  const identify = identifyBy(deps.accounts.authenticator, (token) => deps.edges?.byToken(token) ?? null)
  // What went past approval may have taken the guards away: until it is settled and signed they count as there.
  const isGuarded = (): boolean =>
    Object.keys(deps.policy.state.document.guards).length > 0 || deps.policy.history.unsigned.length > 0
  const gate = { authenticator: deps.accounts.authenticator, identify, isGuarded, clock: deps.clock }
  app.addHook('onRequest', guard(gate)).addHook('preHandler', guardAgain(gate))
  app.addHook('preHandler', async ({ principal, raw }) => {
    if (principal !== null) connections.know(raw.socket)
  })
  // Before the answer is looked through for somebody: the trail is told what was done.
  auditWrites(app, deps.audit, deps.clock)
  readWithinScopes(app, deps)
  packLongAnswers(app)
  const turns = takeTurns(app, deps)
  await describe(app, deps.version, deps.clock)

  const inForceOf = (board: Board) => inForceViews(deps, board)
  const viewOf = boardViews(deps.version, deps.memory, inForceOf, (make) => turns.forAll(make))
  const pastViewOf = boardViews(deps.version, deps.memory, inForceOf)
  const context: Context = {
    ...deps,
    identify,
    isGuarded,
    linkWords: new LinkWordLimit(clock),
    view() {
      const board = deps.board()
      if (board === null) throw new ApiError('NOT_READY', 'The first tick has not been published yet.')
      return viewOf(board)
    },
    async viewAt(at) {
      if (deps.memory === undefined) throw new ApiError('NOT_FOUND', 'Nothing is recorded here.')
      return pastViewOf(await deps.memory.boardAt(at))
    },
  }
  addRoutes(app, context, book, await readConsole())
  await app.ready()
  return { app, rules: book.rules, limited: () => connections.limited(), flapping: () => context.linkWords.limited() }
}

function addRoutes(app: App, context: Context, book: ReturnType<typeof routeBook>, console: ConsoleFiles): void {
  const { staticEdges, edges } = context
  metricsRoutes(app, context)
  statusRoutes(app, context)
  inForceRoutes(app, context)
  sessionRoutes(app, context)
  userRoutes(app, context)
  tokenRoutes(app, context)
  sessionListRoutes(app, context)
  factorRoutes(app, context)
  providerRoutes(app, context)
  passkeyRoutes(app, context)
  emergencyRoutes(app, context)
  auditRoutes(app, context, book.rules)
  eventRoutes(app, context)
  institutionRoutes(app, context)
  figureRoutes(app, context)
  networkRoutes(app, context)
  linkFlowRoutes(app, context)
  nodeRoutes(app, context)
  nameRoutes(app, context)
  edgeRoutes(app, context)
  if (staticEdges) staticEdgeRoutes(app, context, staticEdges)
  historyRoutes(app, context)
  alarmRoutes(app, context)
  sampleRoutes(app, context)
  webhookRoutes(app, context)
  // Before answers are kept for whoever repeats a write: no amount may lie there.
  if (context.ledger) ledgerRoutes(app, context, context.ledger)
  // The same question again is the same one, with a key or without.
  if (context.simulations) simulationRoutes(app, context, context.simulations)
  if (edges) {
    edgeAccountRoutes(app, context, edges)
    edgePackageRoutes(app)
    edgePullRoutes(app, context, edges.relay)
  }
  idempotentWrites(app, context.answers)
  policyRoutes(app, context)
  requestRoutes(app, context)
  overrideRoutes(app, context)
  freezeRoutes(app, context)
  modeRoutes(app, context)
  linkStateRoutes(app, context)
  linkWhatIfRoutes(app, context)
  demoRoutes(app, context)
  documentationRoutes(app, context.clock)
  const answerPage = consoleRoutes(app, context, console)
  app.setNotFoundHandler((request, reply) =>
    isForPerson(request) ? answerPage(request, reply.code(404)) : book.miss(request, reply),
  )
  endWithin(app, context)
}

/** Fastify with our limits, before anything is hung on it. */
function bare({ http, log }: ServerDeps): App {
  const logger: FastifyBaseLogger = log
  const options: FastifyServerOptions = {
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    // Of what was forwarded, what stands behind the last that is no proxy of ours is theirs to invent.
    trustProxy: [...http.trustProxy],
    bodyLimit: MAX_REQUEST_BYTES,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    clientErrorHandler: answerBroken,
  }
  const headTime = http.connections.headerSeconds * SECOND
  const patience = { headersTimeout: headTime, connectionsCheckingInterval: Math.min(SECOND, headTime) }
  const secured = http.tls && { cert: http.tls.certificate, key: http.tls.key, handshakeTimeout: headTime }
  const app: App = Fastify({
    ...options,
    ...(secured === null ? { http: patience } : { https: { ...patience, ...secured } }),
  }).withTypeProvider<ZodTypeProvider>()
  // JSON is all that is read; text would arrive where an object is expected.
  app.removeContentTypeParser('text/plain')
  return app
}

/** Answers a client that sends no request, or does not end one, and closes the connection. */
function answerBroken({ code }: { readonly code?: string }, socket: Socket): void {
  // A client that does not end a handshake, or does not read, cannot be answered.
  if (!socket.writable || socket.writableLength > 0 || code === 'ERR_TLS_HANDSHAKE_TIMEOUT') {
    socket.destroy()
    return
  }
  // Not HTTP at all, so there is no request to answer; still one shape of errors.
  const body = JSON.stringify(problemOf(new ApiError('BAD_REQUEST', 'This is not a request.'), randomUUID()))
  const head = [
    'HTTP/1.1 400 Bad Request',
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  // Not when the client closes: a client that drips never does.
  socket.destroySoon()
}

async function secure(app: App, { http }: ServerDeps): Promise<void> {
  const self = ["'self'"]
  const none = ["'none'"]
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: none,
        scriptSrc: self,
        styleSrc: self,
        imgSrc: ["'self'", 'data:'],
        connectSrc: self,
        formAction: self,
        baseUri: none,
        frameAncestors: none,
      },
    },
    // Promised only by a server that speaks TLS itself; a proxy in front makes its own promise.
    strictTransportSecurity: http.tls !== null,
    referrerPolicy: { policy: 'no-referrer' },
  })
  await app.register(fastifyCookie)
  const silent = { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false }
  await app.register(fastifyRateLimit, {
    max: MAX_REQUESTS_PER_SECOND,
    timeWindow: 1_000,
    addHeaders: silent,
    addHeadersOnExceeding: silent,
    errorResponseBuilder: (_request, { after }) =>
      new ApiError('RATE_LIMITED', `Too many requests; try again in ${after}.`),
  })
}

/** Closing waits for answers under way, not long for unfinished requests, and not at all for who says nothing. */
function endWithin(app: App, { clock }: ServerDeps): void {
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  app.addHook('preClose', async () => {
    // Browsers connect before they have something to ask: Node waits a minute for that.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    clock.setTimer(LAST_WORDS, () => {
      app.server.closeAllConnections()
      for (const socket of sockets) socket.destroy()
    })
  })
}
