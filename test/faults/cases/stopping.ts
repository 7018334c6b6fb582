// SIGTERM, whatever is under way: gone within five seconds, in order, and nothing lost.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LAST_WORDS, SHUTDOWN_TIME } from '../../../src/runtime/limits.js'
import type { Answer } from '../../harness/caller.js'
import { Program } from '../../harness/program.js'
import type { Case, Trial } from '../case.js'
import { goes, Office, serversIn } from '../offices.js'
import type { ControllerProcess } from '../processes.js'

const EXAMPLE = 'config/scenarios/cable-cut-2024-05.yaml'

async function letters(trial: Trial): Promise<void> {
  const office = await Office.open(trial)
  await office.alarm()
  await goes(trial, '20 letters and 5 webhooks', office.controller)
  await office.letters(trial)
}

async function waiters(trial: Trial): Promise<void> {
  const office = await Office.open(trial)
  const [streams, polls] = [await office.streams(50), await office.polls('east', 10)]
  await goes(trial, '10 polls and 50 streams', office.controller)
  const answers = await Promise.all(polls)
  trial.check(
    answers.every((status) => status === 304),
    `polls are answered: ${[...new Set(answers)].join(', ')}`,
  )
  await streams()
  trial.check(true, 'streams have ended')
}

interface Write {
  readonly name: string
  send(controller: ControllerProcess): Promise<Answer<unknown>>
  /** How often it was made. */
  made(document: Document): number
}

interface Document {
  readonly institutions: Readonly<Record<string, { readonly labels: Readonly<Record<string, string>> }>>
}

/** An import and a change of one part, each with its key, and a preview. */
async function writes(controller: ControllerProcess, institution: string, edge: string): Promise<readonly Write[]> {
  const path = `/v1/policy/institutions/${institution}`
  const part = await controller.api.call('GET', path)
  const body = { ...(part.body as object), labels: { stop: 'one' } }
  const columns = 'id,name,category,region,tier,internet,govnet,edge,prefix,down,up'
  const row = `new-body,New body,${await kindOf(controller, institution)},yes,no,${edge},10.251.7.0/24,100Mbps,100Mbps`
  const csv = `${columns}\n${row}\n`
  const send = (method: string, to: string, what: unknown, headers: Record<string, string>) => (c: ControllerProcess) =>
    c.api.call(method, to, what, { headers })
  return [
    {
      name: 'a change',
      send: send('PUT', `${path}?reason=stop&confirmWithin=0`, body, {
        'if-match': part.etag,
        'idempotency-key': 'change',
      }),
      made: ({ institutions }) => (institutions[institution]?.labels.stop === 'one' ? 1 : 0),
    },
    {
      name: 'an import',
      send: send(
        'POST',
        '/v1/policy/import/institutions?reason=stop&confirmWithin=0',
        { csv },
        { 'idempotency-key': 'import' },
      ),
      made: ({ institutions }) => Object.keys(institutions).filter((id) => id.startsWith('new-body')).length,
    },
  ]
}

async function kindOf(controller: ControllerProcess, institution: string): Promise<string> {
  const { category, region, tier } = await controller.api.get<Record<'category' | 'region' | 'tier', string>>(
    `/v1/policy/institutions/${institution}`,
  )
  return `${category},${region},${tier}`
}

/** Sends each again under its key until it is settled: each is made once, and what was acknowledged was made before. */
async function settle(trial: Trial, controller: ControllerProcess, all: readonly Write[], said: readonly number[]) {
  const { revision } = await controller.status()
  const found = await controller.api.get<Document>('/v1/policy')
  for (const [k, write] of all.entries()) {
    const acknowledged = said[k]! >= 200 && said[k]! < 300
    const made = write.made(found)
    trial.check(!acknowledged || made === 1, `${write.name}: answered ${said[k]}, ${made === 1 ? 'made' : 'not made'}`)
    let answer = 0
    // Whoever began under a key and was killed holds it for a minute.
    await trial.soon(70_000, `${write.name}: its key settles it`, async () => {
      const again = await write.send(controller)
      answer = again.status
      if (answer === 409) await sleep(1_000)
      return answer !== 409
    })
    if (answer !== 200) trial.note(JSON.stringify((await write.send(controller)).body))
    trial.check(answer === 200 || (made === 0 && answer === 412), `${write.name}: sent again, ${answer}`)
  }
  const now = await controller.api.get<Document>('/v1/policy')
  for (const write of all) trial.check(write.made(now) <= 1, `${write.name}: made at most once`)
  trial.note(`revision ${revision} after the restart, ${(await controller.status()).revision} when settled`)
}

const statusOf = (answer: Promise<Answer<unknown>>): Promise<number> =>
  answer.then(
    ({ status }) => status,
    () => 0,
  )

function previewOf(controller: ControllerProcess, institution: string, k: number): Promise<Answer<unknown>> {
  const changes = [{ pointer: `/institutions/${institution}/name/en`, after: `Name ${k}` }]
  return controller.api.call('POST', '/v1/policy/preview', { changes })
}

async function underWay(trial: Trial): Promise<void> {
  const office = await Office.open(trial)
  const all = await writes(office.controller, 'inst-001', 'east')
  // Nothing that is said to the policy store is answered from here on.
  office.lines!.durable.hold()
  const said = all.map(({ send }) => statusOf(send(office.controller)))
  void statusOf(previewOf(office.controller, 'inst-001', 0))
  await sleep(300)
  await goes(trial, 'writes at a store that says nothing', office.controller)
  office.lines!.durable.heal()
  await office.startAgain()
  await settle(trial, office.controller, all, await Promise.all(said))
}

async function muteStores(trial: Trial): Promise<void> {
  const office = await Office.open(trial)
  const standby = await office.start(join(trial.folder, 'standby'))
  const leads = async (one: ControllerProcess): Promise<boolean> => (await one.status()).leads
  await trial.soon(10_000, 'the first leads', () => leads(office.controller))
  const first = office.controller
  first.child.kill('SIGTERM')
  const took = await trial.soon(SHUTDOWN_TIME, 'the standby leads', () => leads(standby))
  trial.note(`the standby leads after ${(took / 1_000).toFixed(2)} s`)
  await trial.soon(SHUTDOWN_TIME, 'the first is gone', () => !first.runs)
  trial.check(first.child.exitCode === 0, `it ended by itself (${first.child.exitCode})`)
  const { durable, volatile } = office.stores!
  durable.stop()
  volatile.stop()
  await sleep(1_500)
  await goes(trial, 'both stores say nothing', standby)
  durable.goOn()
  volatile.goOn()
}

async function edges(trial: Trial): Promise<void> {
  const office = await Office.open(trial)
  const { token } = await office.controller.api.post<{ token: string }>('/v1/edges/west/account', {})
  const { api } = await office.controller.api.post<{ api: { token: string } }>('/v1/edges/west/credentials', { token })
  const edge = (name: string, more: Record<string, string>, ...args: string[]) => {
    const data = join(trial.folder, name)
    const env = { MIZANI_DATA: data, MIZANI_PLANE: join(trial.folder, 'small'), LOG_LEVEL: 'info', ...more }
    return new Program(['edge', ...args], trial, { env })
  }
  const byStore = { RATES_REDIS_URL: `redis://127.0.0.1:${office.lines!.volatile.port}` }
  const byHttp = { MIZANI_URL: office.controller.url, MIZANI_TOKEN: api.token }
  const silent = createSocket('udp4')
  await new Promise<void>((bound) => silent.bind(0, '127.0.0.1', bound))
  trial.teardown(() => silent.close())
  const asked = once(silent, 'message')
  const device = join(trial.folder, 'device.yaml')
  writeFileSync(
    device,
    JSON.stringify({ edge: { device: { address: `radius://127.0.0.1:${silent.address().port}` } } }),
  )
  const plain = edge('east', byStore, '--id', 'east', '--driver', 'simulated')
  const polling = edge('west', byHttp, '--id', 'west', '--driver', 'simulated')
  const radius = edge(
    'core',
    { ...byStore, MIZANI_DEVICE_SECRET: 'a-secret-of-the-device', MIZANI_CONFIG: device },
    '--id',
    'core',
    '--driver',
    'radius-coa',
  )
  const isFresh = (log: () => string) => (): boolean => /FRESH: rates are renewed/.test(log())
  await trial.soon(20_000, 'an edge by the store is FRESH', isFresh(plain.log))
  await trial.soon(20_000, 'an edge by HTTP is FRESH', isFresh(polling.log))
  // The access server is asked, and says nothing.
  await asked
  office.stores!.volatile.stop()
  office.controller.stop()
  await sleep(2_000)
  await goes(trial, 'an edge whose store says nothing', plain)
  await goes(trial, 'an edge in a poll that nobody answers', polling)
  await goes(trial, 'an edge whose device says nothing', radius)
  office.controller.goOn()
  office.stores!.volatile.goOn()
}

/** Whoever has nothing to put in order is ended by the signal itself. */
async function ends(trial: Trial, what: string, one: Program): Promise<void> {
  one.kill('SIGTERM')
  await trial.soon(SHUTDOWN_TIME, `${what}: gone`, () => !one.runs)
}

async function commands(trial: Trial): Promise<void> {
  const playing = new Program(['simulate', EXAMPLE], trial)
  await sleep(2_500)
  trial.check(playing.runs, 'it plays')
  await ends(trial, 'a simulation', playing)
  const mute = createServer().listen(0, '127.0.0.1')
  await once(mute, 'listening')
  trial.teardown(() => mute.close())
  const { port } = mute.address() as { port: number }
  const file = join(trial.folder, 'backup')
  const url = `redis://127.0.0.1:${port}`
  const waiting = new Program(['backup', file], trial, {
    env: { REDIS_URL: url, RATES_REDIS_URL: url, MIZANI_DATA: join(trial.folder, 'b') },
  })
  await once(mute, 'connection')
  await ends(trial, 'a backup of a store that says nothing', waiting)

  const data = join(trial.folder, 'up')
  for (const after of [300, 800, 1_300, 1_800, 2_300, 2_800]) {
    const starting = new Program(['up', '--port', '0'], trial, { env: { MIZANI_DATA: data } })
    await sleep(after)
    await ends(trial, `mizani up, ${after} ms after its start`, starting)
    await trial.soon(2_000, 'no store is left', () => serversIn(data).length === 0)
  }
  const whole = new Program(['up', '--port', '0'], trial, { env: { MIZANI_DATA: data } })
  await whole.ready()
  await goes(trial, 'mizani up', whole)
  trial.check(serversIn(data).length === 0, 'no store is left')
  const hung = new Program(['up', '--port', '0'], trial, { env: { MIZANI_DATA: data } })
  await hung.ready()
  for (const pid of serversIn(data)) process.kill(pid, 'SIGSTOP')
  await sleep(1_000)
  await ends(trial, 'mizani up, whose own stores do nothing', hung)
  trial.check(serversIn(data).length === 0, 'no store is left')
}

async function together(trial: Trial): Promise<void> {
  const office = await Office.open(trial, 'up')
  const { controller } = office
  await office.alarm('transit-a')
  const { items } = await controller.api.get<{ items: { id: string; edges: string[] }[] }>(
    '/v1/institutions?pageSize=1',
  )
  const { id } = items[0]!
  const all = await writes(controller, id, 'dar-1')
  const [streams, polls] = [await office.streams(50), await office.polls('mwanza-1', 10)]
  const said = all.map(({ send }) => statusOf(send(controller)))
  // More than are answered in the time that is left.
  for (let k = 0; k < 60; k++) void statusOf(previewOf(controller, id, k))
  await sleep(20)
  await goes(trial, 'all of it', controller)
  trial.check(serversIn(office.data).length === 0, 'no store is left')
  trial.check(
    (await Promise.all(polls)).every((status) => status === 304),
    'polls are answered',
  )
  await streams()
  await office.letters(trial)
  await settle(trial, office.controller, all, await Promise.all(said))
  await goes(trial, 'once more', office.controller)
}

export const STOPPING: readonly Case[] = [
  {
    ...{ number: 49, name: 'SIGTERM while people are told' },
    done: '20 letters at a mail server that puts off or says nothing; 5 webhooks, one manner each; then a restart',
    holds: 'gone in 5 s; an answer under way is waited for; each letter is told once, over the restart',
    run: letters,
  },
  {
    ...{ number: 50, name: 'SIGTERM while they wait for news' },
    done: '10 polls of 30 s, 50 streams of which five read nothing',
    holds: 'gone in 5 s; polls are answered, streams ended',
    run: waiters,
  },
  {
    ...{ number: 51, name: 'SIGTERM while the policy is written' },
    done: 'a change, an import and a preview at a policy store that says nothing; then it speaks again',
    holds: 'gone in 5 s; each was acknowledged and made, or its key settles it; none is made twice',
    run: underWay,
  },
  {
    ...{ number: 52, name: 'SIGTERM to leader and standby' },
    done: 'to the leader while all is well, to the next one while both stores say nothing',
    holds: 'the standby leads at once; gone in 5 s',
    run: muteStores,
  },
  {
    ...{ number: 53, name: 'SIGTERM to edges that wait' },
    done: 'store, controller and device say nothing to three agents: by the store, by HTTP, before an access server',
    holds: 'gone in 5 s, each by itself',
    run: edges,
  },
  {
    ...{ number: 54, name: 'SIGTERM to commands and in the midst of a start' },
    done: 'a simulation, a backup that waits; `mizani up` at six moments of its start',
    holds: 'gone in 5 s; no store is left; the next start is as any other',
    run: commands,
  },
  {
    ...{ number: 55, name: 'SIGTERM while all of it is under way' },
    done: '`mizani up`: 20 letters, 5 webhooks, a change, an import, a preview, 10 polls, 50 streams; then a restart',
    holds: `gone in 5 s (${LAST_WORDS} ms for last words), nothing lost, nothing twice, no store left`,
    run: together,
  },
]
