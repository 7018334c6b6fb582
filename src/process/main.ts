// The composition of a controller process: stores, policy, the tick in a thread of its own, the API. Each part is made
// here, is handed what it needs, and is stopped here in the opposite order. `mizani controller` runs it on stores that
// are named; `mizani up` (up.ts) on private ones.

import { basename, join } from 'node:path'
import { Registry } from 'prom-client'
import { type Accounts, openAccounts } from '../accounts/accounts.js'
import { writeAccessFiles } from '../accounts/machine.js'
import { redisAccountStore } from '../accounts/store.js'
import { EventHub } from '../api/events/event-hub.js'
import type { DemoPort } from '../api/ports.js'
import { createServer } from '../api/server.js'
import { type PolicyControl, policyControl } from '../change/policy-control.js'
import { PolicyNews } from '../change/policy-news.js'
import { PolicyState } from '../change/policy-state.js'
import { createPreviews } from '../change/previews.js'
import { redisRequests } from '../change/request-store.js'
import { Requests } from '../change/requests.js'
import type { EdgeAccess } from '../gateways/edge-access.js'
import { openEdgeAccess, openEdgeSecrets, type RatesStoreWays, waysOf } from '../gateways/open-edge-access.js'
import { StaticEdges } from '../gateways/static-edges.js'
import { Ledger } from '../ledger/ledger.js'
import { LedgerStore } from '../ledger/store.js'
import { createLedgerThread } from '../ledger/thread.js'
import type { Milliseconds } from '../model/units.js'
import { createReplays } from '../planning/recorded/replay-thread.js'
import { Simulations } from '../planning/simulations/simulations.js'
import { namedBy } from '../policy/document/name-search.js'
import { loadPlane } from '../policy/files/files.js'
import { KnownPolicy } from '../policy/in-force/known.js'
import { RegisterStore } from '../policy/in-force/register.js'
import { AnswerStore } from '../policy/revisions/answers.js'
import { createRecordThread } from '../policy/revisions/record-thread.js'
import { RevisionStore } from '../policy/revisions/revisions.js'
import { edgeInScope, institutionInScope, scopeFaults } from '../policy/revisions/scope.js'
import { grantReader } from '../publish/standby-feed.js'
import type { Finding } from '../record/findings.js'
import { type Memory, openMemory } from '../record/memory.js'
import { redisWebhooks } from '../record/webhook-store.js'
import { fingerprintOfChain } from '../runtime/certificates.js'
import { type Clock, systemClock, type Timer } from '../runtime/clock.js'
import { type Settings, VERSION } from '../runtime/config.js'
import { messageOf, usageError } from '../runtime/errors.js'
import { lockFolder, openFolder } from '../runtime/folder-lock.js'
import { mindMemoryWhileCalm } from '../runtime/heap.js'
import type { Io } from '../runtime/io.js'
import { Lifetime, untilSignal } from '../runtime/lifetime.js'
import { PARTS_TIME } from '../runtime/limits.js'
import { createLogger, identityOf, type Logger } from '../runtime/log.js'
import { stepBehind } from '../runtime/priority.js'
import { connect, serverExpiry, untilReady } from '../runtime/redis.js'
import { FACTOR_ADVICE, isReached, withoutFactor } from '../runtime/second-factor.js'
import type { Problem } from '../solve/problem.js'
import { boardOfPast } from '../tick/past-board.js'
import { createSolverThreads } from '../tick/solver.js'
import { StaticRates } from '../tick/static-rates.js'
import { createWhatIfs } from '../tick/what-if.js'
import { keys } from '../wire/redis-keys.js'
import { watchExpiry } from './expiry.js'
import { federatedBy } from './federation.js'
import { limitedAt, listen, listeningOf } from './listening.js'
import { claimName } from './name-claim.js'
import { accessTaken, findingsOf, namesOf, ownedBy } from './people.js'
import { isRoot, WITHOUT_ROOT } from './root.js'
import { openSealing } from './sealing-key.js'
import { noteLimits, watchStoreHealth } from './store-health.js'
import { Ticks } from './ticks.js'
import { endTrail, keepTelling, openTrail } from './trail.js'

const STORE_TIMEOUT = 3_000
/** At most: a plane whose ticks are short is looked at every other tick. */
const REFRESH_PERIOD: Milliseconds = 2_000

export interface ServiceOptions {
  readonly settings: Settings
  /** With user and password in them. */
  readonly durableUrl: string
  readonly volatileUrl: string
  readonly clock: Clock
  readonly log: Logger
  /** How long it leads without saying so again; the usual lease unless said. */
  readonly term?: Milliseconds
  /** Only beside simulated edges; asked for when the API is made. */
  readonly demo?: (ticks: Ticks, policy: PolicyState, begun: Lifetime['begun']) => DemoPort | undefined
  /** How those who keep its users, and edges, reach the volatile store; as the settings have it unless said. */
  readonly ways?: RatesStoreWays
  /** An edge from elsewhere has an account now. */
  readonly onEdgeAccount?: (edge: string) => void
}

export interface Service {
  readonly ticks: Ticks
  readonly policy: PolicyState
  readonly edges: EdgeAccess
  readonly plane: string
  /** Where the API listens. */
  readonly url: string
  /** For a terminal, never for a log; null: an administrator has an account. */
  readonly firstLink: string | null
  /** Ends all of it. */
  readonly life: Lifetime
}

/**
 * Starts the controller and its API; ticks go on from here.
 * @throws MizaniError, having stopped what was started, when a store does not answer, the plane has faults, or the port
 * is taken.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { settings, durableUrl, volatileUrl, clock, log } = options
  const life = new Lifetime(clock)
  const { begun, ending } = life
  begun(mindMemoryWhileCalm(clock), (watch) => watch.cancel())
  try {
    const seed = loadPlane(settings.plane)
    // A folder with faults can still name the plane whose policy the store holds.
    const plane = seed.document?.plane.id ?? basename(settings.plane)
    const durable = begun(connect(durableUrl, 'policy', { log }), (redis) => redis.disconnect())
    const volatile = begun(connect(volatileUrl, 'controller', { log }), (redis) => redis.disconnect())
    await Promise.all([durable, volatile].map((redis) => untilReady(redis, STORE_TIMEOUT)))
    const { edgeKeys: file, data } = settings
    const secrets = await openEdgeSecrets(durable, { file, known: join(data, 'edge-accounts.json'), plane, clock })
    const seal = await openSealing({ file: settings.sealingKey, redis: durable, plane })

    const records = begun(createRecordThread(clock), (thread) => thread.close())
    const store = new RevisionStore({ redis: durable, plane, reader: records.read })
    const registerStore = new RegisterStore({ redis: durable, plane })
    const kept = { store, registerStore, known: new KnownPolicy(data, plane, log) }
    const policy = await PolicyState.open({ ...kept, folder: settings.plane, seed, clock, log })
    const solver = begun(createSolverThreads({ rare: true }), (threads) => threads.close())
    const solve = (problem: Problem) => solver.solve(problem, { once: true })
    await notePublishedRevisions(policy, grantReader(volatile, keys(plane), log, secrets.macsOf))
    await noteLimits({ 'policy store': durable, 'rates store': volatile }, log)
    const { id } = begun(await claimName({ redis: volatile, plane, name: settings.id, clock, log }), (n) => n.release())
    const metrics = new Registry()
    const servers = { 'policy store': () => serverExpiry(durable), 'rates store': () => serverExpiry(volatile) }
    const expiry = begun(watchExpiry(settings, { metrics, clock, log, servers }), (watch) => watch.cancel())
    const ready = (within: Milliseconds): Promise<void> => untilReady(volatile, within)
    const asked = { durable, rates: { ready }, policy, expiry, inClear: settings.inClear }
    const storeHealth = begun(watchStoreHealth({ ...asked, clock, log }), (h) => h.cancel())
    let url = ''
    let heard: () => readonly Finding[] = () => []
    let untold: () => Finding[] = () => []
    let ofAccounts: () => Finding[] = () => []
    let ofEdges: () => Finding[] = () => []
    let ofServer: () => Finding[] = () => []
    const memory = begun(
      openMemory({
        folder: join(settings.data, 'history'),
        ...{ solve, clock, log, ending, plane },
        timezone: () => policy.document.plane.timezone,
        webhooks: redisWebhooks({ redis: durable, plane, sealing: seal }),
        rules: { allow: settings.webhooks.allow, ownPorts: () => [settings.http.port, portIn(url)] },
        mail: mailOf(settings),
        bound: { months: settings.history.months, bytes: settings.history.gigabytes * 1e9 },
        others: () => [storeHealth.findings, heard, untold, ofAccounts, ofEdges, ofServer].flatMap((ask) => ask()),
        seen: () => policy.register.seen,
      }),
      (m) => m.stop(),
    )
    const staticRates = new StaticRates(solve)
    const staticEdges = new StaticEdges({ policy, rates: staticRates, clock, log })
    void staticEdges.look()
    const whatIfs = begun(createWhatIfs(log), (w) => w.close())
    const ticks = new Ticks({
      data: {
        ...{ volatileUrl, plane, id, term: options.term },
        log: identityOf(log),
      },
      ...{ clock, log, metrics, whatIf: whatIfs.ask, keys: secrets.all, see: memory.see },
      situation: () => ({
        ...policy.situation(),
        confirmations: staticEdges.confirmations,
        drains: staticEdges.drains,
        replacements: policy.register.replacements,
      }),
      ended(why) {
        log.fatal({ err: why }, 'the thread of the tick has ended, and this process with it: a standby takes over')
        process.exit(1)
      },
    })
    begun(ticks, (t) => t.stop())
    heard = () => ticks.findings()
    memory.counters.onTaken((link, sample) => ticks.tellSample(link, sample))
    secrets.accounts.onTaken(() => ticks.tell())
    const news = begun(new PolicyNews({ url: durableUrl, durable, plane, log, clock }), (n) => n.stop())
    news.onWord(() => void policy.refresh())
    policy.onChange(() => {
      ticks.wake()
      void staticEdges.look()
      news.tell()
    })
    const previews = begun(createPreviews(clock), (p) => p.close())
    const { busyHour } = memory
    const replays = begun(createReplays(join(settings.data, 'history'), clock), (r) => r.close())
    const control = policyControl({ policy, previews, replays, board: () => ticks.board, busyHour, clock, log })

    const requests = new Requests({ store: redisRequests({ redis: durable, plane }), policy: control, clock })
    const simulations = begun(
      new Simulations({
        folder: join(settings.data, 'simulations'),
        record: join(settings.data, 'history'),
        ...{ workers: settings.workers, clock, log },
      }),
      (s) => s.close(),
    )
    const audit = await openTrail({ settings, durable, plane, clock, log })
    const accounts = begun(
      await openAccounts({
        ...{ store: redisAccountStore({ redis: durable, plane }), clock },
        adminToken: settings.adminToken,
        federated: federatedBy(settings, { seal, clock, log, listening: () => url, trail: audit }),
        seal,
        factorRoles: settings.accounts.secondFactor,
        reached: isReached(settings),
        isEdge: (id) => policy.document.edges[id] !== undefined,
        names: () => namesOf(policy),
        ended: { file: join(settings.data, 'ended-access.json'), plane },
        onTakenBack: (taken) => void audit.tell(accessTaken(taken)),
      }),
      (a) => a.close(),
    )
    const telling = begun(keepTelling(audit, { settings, clock, log }), (t) => endTrail(audit, t, policy, clock))
    untold = telling.findings
    ofAccounts = () => findingsOf(accounts)
    policy.onOwnDeed((deed) => void audit.tell(deed))
    const months = begun(createLedgerThread(join(settings.data, 'history'), clock), (thread) => thread.close())
    const ledger = new Ledger({
      store: new LedgerStore({ redis: durable, plane }),
      thread: months,
      tell: (deed) => audit.tell(deed),
      ...{ policy, sealing: seal, clock },
    })
    // A month that was closed as a process ended.
    await ledger.tellTrail().catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'the ledger waits'))
    await memory.webhooks.refresh()
    begun(keepReading({ policy, control, accounts, memory }, clock), (timer) => timer.cancel())
    const edges = begun(
      openEdgeAccess({
        ...{
          settings,
          plane,
          secrets,
          volatileUrl,
          ways: options.ways ?? waysOf(settings),
          policy,
          clock,
          log,
          ending,
          onAccount: options.onEdgeAccount,
          holderOf: (edge: string) => ticks.board?.edges.find(({ id }) => id === edge)?.instance ?? null,
        },
        listening: () => url,
        isEdge: (edge) => policy.document.edges[edge] !== undefined,
        leads: () => ticks.leads,
      }),
      (d) => d.close(),
    )
    ofEdges = () => edges.findings()
    const server = begun(
      await createServer({
        board: () => ticks.board,
        notReady: () => ticks.notReady(),
        policy: control,
        answers: new AnswerStore({ redis: durable, plane }),
        enforcement: policy,
        memory: { ...memory, boardAt: async (at) => boardOfPast(await memory.momentAt(at), whatIfs.ask) },
        demo: options.demo?.(ticks, policy, begun),
        accounts,
        scopes: {
          faults: (scope) => scopeFaults(policy.document, scope),
          institution: (id, scope) => institutionInScope(policy.document, id, scope),
          edge: (id, scope) => edgeInScope(policy.document, id, scope),
        },
        namedBy,
        audit,
        ...{ ledger, requests, simulations },
        owned: (actor) => ownedBy(policy, actor),
        events: new EventHub(clock),
        edges,
        staticEdges,
        metrics,
        clock,
        log,
        version: VERSION,
        http: listeningOf(settings, log),
      }),
      // Its last answers are not waited for by a standby: it may lead at once.
      ({ app }) => Promise.all([app.close(), ticks.stop()]),
    )
    ofServer = () => limitedAt(server)
    url = await listen(server, settings)
    const roles = withoutFactor(settings)
    if (roles.length > 0) log.warn({ roles }, `a password is enough for them. ${FACTOR_ADVICE}`)
    void edges.run()
    ticks.start()
    const hasAdmin = accounts.administration.hasAdmin()
    const pin = fingerprintOfChain(settings.http.tls?.certificate)
    const firstLink = writeAccessFiles(accounts.secrets, { hasAdmin }, settings.data, url, pin)
    return { ticks, policy, edges, plane, url, firstLink, life }
  } catch (error) {
    await life.end()
    throw error
  }
}

/** Edges may know a revision that the durable store has lost, some by a delta that no snapshot has followed yet. */
async function notePublishedRevisions(policy: PolicyState, feed: ReturnType<typeof grantReader>): Promise<void> {
  const edges = Object.keys(policy.document.edges)
  for (const snapshot of (await feed.readSnapshots(edges)).values()) if (snapshot) policy.noteInForce(snapshot.revision)
  for (const { contents } of await Promise.all(edges.map((edge) => feed.readContents(edge)))) {
    for (const { revision } of contents) policy.noteInForce(revision)
  }
}

interface Readers {
  readonly policy: Pick<PolicyState, 'document'>
  readonly control: PolicyControl
  readonly accounts: Accounts
  readonly memory: Pick<Memory, 'webhooks'>
}

/**
 * The store may be changed by another controller, and hours come: it is looked at again a period after each look.
 * Whoever fails says so itself, or will succeed the next time.
 */
function keepReading({ policy, control, accounts, memory }: Readers, clock: Clock): Timer {
  const next = (): Timer =>
    clock.setTimer(Math.min(REFRESH_PERIOD, 2 * policy.document.plane.timing.tick), () => void again())
  const read = async (): Promise<void> => {
    await control.refresh()
    await accounts.refresh()
    await memory.webhooks.refresh()
  }
  let timer = next()
  let stopped = false
  async function again(): Promise<void> {
    await read().catch(() => undefined) // see above
    if (!stopped) timer = next()
  }
  return {
    cancel() {
      stopped = true
      timer.cancel()
    },
  }
}

function mailOf({ mail, smtpPassword }: Settings) {
  if (mail === null) return null
  const { from, to, ...server } = mail
  return { server: { ...server, password: smtpPassword }, from, to }
}

const portIn = (url: string): number => (url === '' ? 0 : Number(new URL(url).port))

/** `mizani controller`: runs until SIGTERM or SIGINT and resolves with the exit code. */
export async function runController({ settings }: { readonly settings: Settings }, io: Io): Promise<number> {
  const { durable, volatile } = settings.redis
  if (durable === null || volatile === null)
    throw usageError('Which stores?', 'Set REDIS_URL and RATES_REDIS_URL, or run `mizani up`, which starts its own.')
  const clock = systemClock
  const log = createLogger('controller', settings.logLevel, io.stderr)
  if (isRoot()) log.warn({ advice: WITHOUT_ROOT }, 'the controller runs as root, and needs no right of it')
  openFolder(settings.data)
  const lock = lockFolder(settings.data)
  try {
    const service = await startService({ settings, durableUrl: durable, volatileUrl: volatile, clock, log })
    return await serve(service, io, log)
  } finally {
    lock.release()
  }
}

/** Until somebody ends it. The link goes to a terminal only: a log is read by others, and kept. */
export async function serve({ url, firstLink, policy, life }: Service, io: Io, log: Logger): Promise<number> {
  stepBehind()
  log.info({ url, revision: policy.current().revision }, 'ready')
  const first = firstLink === null ? '' : `First sign-in (once, within the hour): ${firstLink}\n`
  const open = 'What is open before production: mizani doctor\n'
  if (io.isTTY) io.stderr.write(`\nMizani: ${url}\n${first}${open}\n`)
  await untilSignal()
  if (await life.end((error) => log.warn({ err: error }, 'stopping'))) return 0
  log.error({ after: PARTS_TIME }, 'not everything had ended in time: the last slot of the record may be missing')
  return 1
}
