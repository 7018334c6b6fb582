// A decision goes out in several calls, one behind the other, and the line to the store breaks somewhere among them:
// the store has the first calls whole and half of the next, and nobody has heard an answer. Here over a real store and
// a line that breaks after so many bytes.

import { once } from 'node:events'
import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { Publisher } from '../../src/publish/publisher.js'
import { createLogger } from '../../src/runtime/log.js'
import { decodeRates } from '../../src/wire/codec.js'
import { keys } from '../../src/wire/redis-keys.js'
import { leading, plan } from '../control/announcing.js'
import { signIn, startServer, until } from '../faults/redis-server.js'

const names = keys(plan.plane)
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
  const log = createLogger('test', 'silent')
  const store = new Publisher({ url: `redis://127.0.0.1:${fuse.port}`, plane: plan.plane, log, random: () => 0 })
  t.teardown(() => store.close())
  await store.ready(5_000)
  const { announcer, decide } = await leading(store, 1)
  const told = async (): Promise<readonly string[]> => {
    const found = await Promise.all(EDGES.map((edge) => owner.getBuffer(names.snap(edge))))
    return found.map((bytes, k) => {
      const message = decodeRates(bytes!, { edge: EDGES[k]! })
      return 'seq' in message ? `${message.epoch}.${message.seq}` : message.code
    })
  }
  const intended = () =>
    EDGES.map((edge) => `${announcer.intended.get(edge)!.epoch}.${announcer.intended.get(edge)!.seq}`)
  t.equal(await decide(60), true)
  fuse.mend()
  await decide(59)
  const aCall = fuse.carried / EDGES.length

  for (let reached = 0; reached < EDGES.length; reached++) {
    const before = await told()
    const blown = fuse.blowAfter(Math.round((reached + 0.5) * aCall))
    const rate = 58 - reached
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
    await store.ready(5_000)
    await until(() => decide(rate), 'what was not answered is settled')
    t.same(await told(), intended(), 'every edge finds what it is meant to have')
    t.equal(Number(await owner.hget(names.head, 'seq')), announcer.serial.seq)
  }
})
