// What attackers are given: a machine that runs `mizani up` over the nation, an account of each kind with its token,
// two edges with accounts of their own, and a month that somebody may ask for.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { keys } from '../../../src/wire/redis-keys.js'
import { Caller } from '../../harness/caller.js'
import type { Ending } from '../../harness/place.js'
import { ROOT, TAIFA } from '../../harness/root.js'
import { until } from '../../harness/until.js'
import { REMEMBERED, rememberMonth } from '../../record/month.js'
import { ControllerProcess } from '../processes.js'

const ROLES = ['viewer', 'auditor', 'operator', 'approver', 'monitor', 'admin'] as const
const A_DAY = 86_400_000

/** Everything that a process of attackers has to be told. */
export interface Prey {
  readonly seed: number
  /** Attackers by name; null: all of them. */
  readonly only: readonly string[] | null
  readonly url: string
  readonly tokens: Readonly<Record<(typeof ROLES)[number] | 'scoped' | 'within', string>>
  /** The volatile store with an edge's own account, where it reports and speaks. */
  readonly store: { readonly url: string; readonly report: string; readonly up: string }
  /** An edge that reports over HTTP. */
  readonly far: { readonly edge: string; readonly token: string }
  readonly institutions: readonly string[]
  readonly links: readonly string[]
  /** The policy's institutions as a sheet. */
  readonly sheet: string
  /** History of a month, as a path. */
  readonly month: string
}

interface Credentials {
  readonly plane: string
  readonly api: { readonly token: string }
  readonly rates: { readonly address: string } | null
}

export interface Order extends Pick<Prey, 'seed' | 'only'> {
  /** A module that the machine loads first, such as a profiler. */
  readonly before: string | undefined
}

/** Starts it, as the unit that is shipped does, and makes the accounts. */
export async function startPrey(folder: string, { seed, only, before }: Order, ending: Ending) {
  const data = join(folder, 'data')
  const { from, to } = rememberMonth(join(data, 'history'), Date.now())
  const order = { durableUrl: '', volatileUrl: '', plane: TAIFA, data, command: 'up' } as const
  const unit = readFileSync(join(ROOT, 'config/systemd/mizani-controller.service'), 'utf8')
  const flags = unit.match(/(?<=^ExecStart=.*)--[\w-]+=\d+/gm) ?? []
  const machine = await new ControllerProcess(
    { ...order, flags, before: before === undefined ? [] : [pathToFileURL(before)] },
    ending,
  ).ready()
  const { api } = machine
  const idsOf = async (list: string): Promise<string[]> => {
    const { items } = await api.get<{ items: { id: string }[] }>(`/v1/${list}?pageSize=1000`)
    return items.map(({ id }) => id)
  }
  const [near, far] = (await idsOf('edges')).slice(-2)
  const [byStore, byHttp] = [await joined(api, near!), await joined(api, far!)]
  const names = keys(byStore.plane)
  const owner = new Caller(() => machine.url, readFileSync(join(data, 'cli-token'), 'utf8').trim())
  const tokens = {
    viewer: await account(owner, 'viewer', 'viewer'),
    auditor: await account(owner, 'auditor', 'auditor'),
    operator: await account(owner, 'operator', 'operator'),
    // No token approves: it looks around, as everybody's may.
    approver: await account(owner, 'approver', 'viewer'),
    monitor: await account(owner, 'monitor', 'monitor'),
    admin: await account(owner, 'admin', 'admin'),
    scoped: await account(owner, 'scoped', 'operator', { categories: ['hospital'] }),
    within: await account(owner, 'within', 'viewer', { categories: ['hospital'], reads: 'scope' }),
  }
  const csv = { headers: { accept: 'text/csv' } }
  const prey: Prey = {
    ...{ seed, only, url: machine.url, tokens },
    store: { url: byStore.rates!.address, report: names.report(near!), up: names.up(near!) },
    far: { edge: far!, token: byHttp.api.token },
    institutions: await idsOf('institutions'),
    links: await idsOf('links'),
    sheet: String((await api.call('GET', '/v1/policy/export/institutions', undefined, csv)).body),
    month: `/v1/institutions/${REMEMBERED}/history?from=${isoOf(from)}&to=${isoOf(to)}`,
  }
  return { machine, prey }
}

const isoOf = (at: number): string => new Date(at).toISOString()

/** A service's account; resolves with its token, which the owner of the machine makes and no token does. */
async function account(api: Caller, id: string, role: string, scope: object | null = null): Promise<string> {
  await api.post('/v1/users', { id, roles: [role], scope })
  const expires = isoOf(Date.now() + A_DAY)
  const order = { user: id, name: 'attack', roles: [role], expires }
  return (await api.post<{ token: string }>('/v1/tokens', order)).token
}

/** An account for an edge, traded in. */
async function joined(api: Caller, edge: string): Promise<Credentials> {
  const made = async (): Promise<{ token: string } | null> => {
    const { status, body } = await api.call('POST', `/v1/edges/${edge}/account`)
    if (status < 300) return body as { token: string }
    if (status === 503) return null
    throw new Error(`an account for ${edge}: ${status} ${JSON.stringify(body)}`)
  }
  // On a machine that is busy the stores come after the server.
  const { token } = await until(made, 'an account for an edge')
  return api.post<Credentials>(`/v1/edges/${edge}/credentials`, { token })
}
