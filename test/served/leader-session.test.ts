// A decision goes out in several calls, one behind the other, and the line to the store breaks somewhere among them:
// the store has the first calls whole and half of the next, and nobody has heard an answer. Here over a real store and
// a line that breaks after so many bytes.

import { once } from 'node:events'
import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { boundOfGranted } from '../../src/publish/edge-lease.js'
import { LeaseTable } from '../../src/publish/lease-table.js'
import { followLeader, takeOver } from '../../src/tick/takeover.js'
import { decodeRates } from '../../src/wire/codec.js'
import { keys } from '../../src/wire/redis-keys.js'
import { signIn, startServer } from '../faults/redis-server.js'
import { openRates } from '../harness/rates.js'
import { until } from '../harness/until.js'
import { leading, plan, problem } from '../tick/leading.js'

const names = keys(plan.plane)
/** Milliseconds for an answer that will come, and for one that will not. */
const [CALM, HASTY] = [5_000, 300]
const EDGES = plan.edges.map(({ id }) => id)

/** Passes everything on, until it blows: what came before that arrives, and no answer comes back. */
class Fuse {
  readonly port: number
  /** Bytes that clients have sent since it was mended. */
  carried = 0
  #most = Number.POSITIVE_INFINITY
  #blown: () => void = () => {}

  private constructor(server: Server, target: number) {
    this.port = (server.address() as { port: number }).port
    server.on('connection', (client) => this.#join(client, dial(target, '127.0.0.1')))
  }

  static async before(target: number, t: Test): Promise<Fuse> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => void server.close())
    return new Fuse(server, target)
  }

  mend(): void {
    this.#most = Number.POSITIVE_INFINITY
    this.carried = 0
  }

  /** Resolves when so many bytes have passed, and the store has read them and has heard of the end. */
  blowAfter(bytes: number): Promise<void> {
    this.mend()
    this.#most = bytes
    return new Promise((resolve) => {
      this.#blown = resolve
    })
  }

  #join(client: Socket, store: Socket): void {
    const end = (): void => {
      client.destroy()
      store.destroy()
    }
    for (const socket of [client, store]) socket.on('error', end).on('close', end)
    const answer = (bytes: Buffer): void => void client.write(bytes)
    store.on('data', answer)
    client.on('data', (bytes: Buffer) => {
      const rest = this.#most - this.carried
      this.carried += bytes.length
      if (bytes.length <= rest) return void store.write(bytes)
      if (rest <= 0) return
      store.off('data', answer).resume()
      store.on('close', this.#blown)
      store.end(bytes.subarray(0, rest))
    })
  }
}

t.test('wherever the line breaks among the calls of a decision, the next one puts everything right', async (t) => {
  const { port } = await startServer(t, { folder: t.testdir() })
  const owner = await signIn(t, `redis://127.0.0.1:${port}`)
  const fuse = await Fuse.before(port, t)
  const store = await openRates(t, `redis://127.0.0.1:${fuse.port}`, plan.plane)
  const { session, decide } = await leading(store, 1)
  const told = async (): Promise<readonly string[]> => {
    const found = await Promise.all(EDGES.map((edge) => owner.getBuffer(names.snap(edge))))
    return found.map((bytes, k) => {
      const message = decodeRates(bytes!, { edge: EDGES[k]! })
      return 'seq' in message ? `${message.epoch}.${message.seq}` : message.code
    })
  }
  const intended = () =>
    EDGES.map((edge) => `${session.grantedSerials.get(edge)!.epoch}.${session.grantedSerials.get(edge)!.seq}`)
  t.equal(await decide(60), true)
  fuse.mend()
  await decide(59)
  const aCall = fuse.carried / EDGES.length

  for (let reached = 0; reached < EDGES.length; reached++) {
    const before = await told()
    const blown = fuse.blowAfter(Math.round((reached + 0.5) * aCall))
    const rate = 58 - reached
    // Nothing will come of it: nobody has to wait for as long as a controller does.
    store.patience(HASTY)
    t.equal(await decide(rate), true, 'it went out, as far as is known')
    await blown
    const after = await told()
    const moved = after.map((serial, k) => serial !== before[k])
    t.same(
      moved,
      [0, 1, 2].map((k) => k < reached),
      `calls that arrived whole: ${reached}`,
    )
    fuse.mend()
    await store.ready()
    store.patience(CALM)
    await until(() => decide(rate), 'what was not answered is settled')
    t.same(await told(), intended(), 'every edge finds what it is meant to have')
    t.equal(Number(await owner.hget(names.head, 'seq')), session.serial.seq)
  }
})

t.test('what was told just before the store lost everything is known to the standby who then leads', async (t) => {
  const folder = t.testdir()
  const server = await startServer(t, { folder })
  const open = () => openRates(t, `redis://127.0.0.1:${server.port}`, plan.plane)
  const [mine, theirs] = [await open(), await open()]
  const { session, decide } = await leading(mine, 2)
  await decide(60)

  const leases = new LeaseTable(plan, problem, 0)
  const state = { plan, leases }
  const rates = (): Set<number> => new Set(leases.granted)
  await followLeader(state, theirs.feed, 0)
  t.same(rates(), new Set([60]))
  await decide(59)
  await decide(58, 'changed')
  const heard = (): boolean => EDGES.every((edge) => theirs.feed.logOf(edge).contents.at(-1)?.records[0]?.rate === 58)
  await until(heard, 'the standby has heard it')
  t.same(rates(), new Set([60]), 'it has not looked at the store since')

  await server.end('SIGKILL')
  await startServer(t, { folder, port: server.port })
  await theirs.ready()
  t.same(await theirs.feed.readSnapshots(EDGES), new Map(), 'the store holds nothing any more')
  t.match(await theirs.election.elect('ctl-2', 0), { leads: true })
  await takeOver(state, theirs.feed, 1_000)
  t.same(rates(), new Set([58]), 'what edges were told last')
  for (const [edge, lease] of leases.edges) {
    t.equal(boundOfGranted(lease, 0), 60, 'and what they may still have, for they have not said that they moved on')
    t.ok(session.grantedSerials.get(edge))
  }
})

t.test('a standby hears again after its connection was lost, and who leads does not listen', async (t) => {
  const { port } = await startServer(t, { folder: t.testdir() })
  const owner = await signIn(t, `redis://127.0.0.1:${port}`)
  const open = () => openRates(t, `redis://127.0.0.1:${port}`, plan.plane)
  const [mine, theirs] = [await open(), await open()]
  const { decide } = await leading(mine, 2)
  await decide(60)
  const watch = () => theirs.feed.watch(new Map(EDGES.map((edge) => [edge, null])))
  const lasts = (): (number | undefined)[] =>
    EDGES.map((edge) => theirs.feed.logOf(edge).contents.at(-1)?.records[0]?.rate)
  const listeners = async (): Promise<unknown[]> => {
    const counts = (await owner.pubsub('NUMSUB', ...EDGES.map((edge) => names.down(edge)))) as unknown[]
    return counts.filter((_, k) => k % 2 === 1)
  }
  await watch()
  await decide(60)
  await until(() => lasts().every((rate) => rate === 60), 'it hears that what it has read holds')
  t.same(await listeners(), [1, 1, 1])

  await owner.client('KILL', 'TYPE', 'pubsub')
  await decide(59)
  t.same(lasts(), [60, 60, 60], 'nobody told it')
  await until(async () => {
    await watch()
    await decide(59)
    return lasts().every((rate) => rate === 59)
  }, 'it listens again, and has read what it missed')
  await decide(58)
  await until(() => lasts().every((rate) => rate === 58), 'it hears')

  await owner.del(names.head)
  await (await leading(theirs, 2)).decide(57)
  t.same(lasts(), [undefined, undefined, undefined])
  await until(async () => (await listeners()).every((count) => count === 0), 'it has left the channels')
})
