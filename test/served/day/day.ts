// What the day is played with: the program that `npm start` runs and its private stores, once over the default plane,
// for the morning, and once over a district of it; the people of policy control at their browsers; and an institution
// or two to look at. Compressed are the times that people wait: what waits to be confirmed, and what is to end, does so
// within 2 seconds.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Impact } from '../../../src/model/preview.js'
import type { PolicyDocument } from '../../../src/policy/document/document.js'
import { mailServer } from '../../faults/receivers.js'
import { Caller } from '../../harness/caller.js'
import { district, districtFolder } from '../../harness/district.js'
import { answers, freshFolder } from '../../harness/place.js'
import { Program } from '../../harness/program.js'
import { until } from '../../harness/until.js'

/** What the administrator gives, and what each chooses. */
export const GIVEN = 'embe la kwanza 1964'
export const PASSWORD = 'maji ya kunde 1961'
export const MUHIMBILI = 'hosp-mnh-upanga'
export const M = 1_000_000
/** Come in by a sheet in the morning; the day is about them. */
export const SCHOOLS = Array.from({ length: 10 }, (_, k) => `chuo-cha-ufundi-${'abcdefghij'[k]}${'abcdefghij'[k]}`)

/** They, as somebody's spreadsheet has them, and one more. */
export const sheetOf = (last: string) =>
  [
    'Jina la Taasisi;Aina;Mkoa;Ngazi;Intaneti;GovNet;Mkataba;Lango;Anwani;Kasi (Mbps)',
    ...SCHOOLS.map((id, k) => {
      const name = id.replaceAll('-', ' ').toUpperCase()
      return `${name};agency;Dodoma;agency;ndiyo;hapana;MK-${k};dodoma-1;10.250.${k}.0/24;500`
    }),
    last,
  ].join('\r\n')

export const data = freshFolder(t)
/** It takes no letter until it is mended. */
export const mails = await mailServer(t)
const settings = join(data, 'settings.yaml')
const to = [{ address: 'noc-1@example.tz' }]
writeFileSync(
  settings,
  JSON.stringify({ mail: { host: '127.0.0.1', port: mails.port, from: 'mizani@example.tz', to } }),
)

const start = (env: Readonly<Record<string, string>>): Program =>
  new Program(['--port', '0'], t, { program: ['src/bin/start.mjs'], env })

export const nationData = freshFolder(t)
/** As `npm start` starts it; it ends with the morning. */
export const nation = start({ MIZANI_DATA: nationData })
// It is who builds where dist/ is stale: what is built says something.
await until(() => /"level":/.test(nation.log()) || !nation.runs, 'it is built')
/** The plane of the day. */
export const plane = districtFolder(t)
export const INSTITUTIONS = Object.keys(district().institutions).length
const startDay = () => start({ MIZANI_DATA: data, MIZANI_CONFIG: settings, MIZANI_PLANE: plane }).ready()
export let [server] = await Promise.all([startDay(), nation.ready()])

/** By the secret of its data folder, which lasts as long as the process. */
export const owner = (): Person => new Caller(() => server.url, readFileSync(join(data, 'cli-token'), 'utf8').trim())

/** As an operator does it; `meanwhile` the program is away. */
export async function restart(meanwhile: () => void): Promise<void> {
  await endsInOrder(server)
  meanwhile()
  server = await startDay()
}

export async function endsInOrder(program: Program): Promise<void> {
  t.ok(await program.endsInOrder(), 'SIGTERM ends it in order')
  t.notMatch(program.log(), /Ended by force|This is a fault/)
  t.same(await openPorts(program), [], 'no store is left')
}

/** Ports of its stores that somebody still answers. */
export async function openPorts(program: Program): Promise<number[]> {
  const ports = [...program.log().matchAll(/"port":(\d+)/g)].map(([, port]) => Number(port))
  const found = await Promise.all(ports.map(answers))
  return ports.filter((_, k) => found[k])
}

export interface Flow {
  readonly service: string
  readonly direction: string
  readonly ceiling: number
  readonly need: number
  readonly rate: number
  readonly measured: number
  readonly limitedBy: { readonly code: string; readonly id: string | null }
}

interface Item {
  readonly id: string
  readonly revision: number
  readonly kind: string
  readonly actor: string
  readonly edges: readonly string[]
  readonly flows: readonly Flow[]
  readonly load: number
  readonly usable: number
  readonly note: string | null
}

/** Answers as scripts read them: no more of their names than are looked at here. */
export interface Body {
  readonly id: string
  readonly revision: number
  readonly base: number
  readonly seq: number
  readonly code: string
  readonly sheet: string
  readonly token: string
  readonly state: string
  readonly learning: boolean
  readonly usable: number
  readonly tier: string
  readonly services: PolicyDocument['tiers'][string]['services']
  readonly labels: Readonly<Record<string, string>>
  readonly confirmBy: string | null
  readonly nextPageToken: string | null
  readonly proposal: { readonly id: string; readonly changes: unknown }
  readonly import: { readonly counts: Readonly<Record<string, number>>; readonly missing: readonly string[] }
  readonly impact: Readonly<Record<string, Impact | null>>
  readonly tests: { readonly failed: readonly { readonly test: string }[]; readonly passed: number }
  readonly errors: readonly { readonly pointer: string; readonly code: string }[]
  readonly needsApproval: boolean
  readonly roles: readonly string[]
  readonly changes: readonly unknown[]
  readonly conflict?: {
    readonly known: boolean
    readonly theirs: readonly { readonly pointer: string }[]
    readonly yours: readonly unknown[]
    readonly both: readonly string[]
  }
  readonly edges: { readonly total: number; readonly fresh: number }
  readonly items: readonly Item[]
  readonly flows: readonly Flow[]
  readonly sharersTotal: number
  readonly limitedBy: unknown
  readonly bands: readonly { readonly band: string; readonly amount: number; readonly cap: number }[]
  readonly sentence: { readonly en: string; readonly sw: string }
}
export type Person = Caller<Body>

const address = (): string => server.url
const browser = (): Person => new Caller<Body>(address)
export const [asha, juma, neema, zawadi, monitor] = [browser(), browser(), browser(), browser(), browser()]
const tokenIn = (folder: string) => (): string => readFileSync(join(folder, 'cli-token'), 'utf8').trim()
/** The command line's own; each start writes it anew. */
export const machine: Person = new Caller<Body>(address, tokenIn(data))
export const atNation: Person = new Caller<Body>(() => nation.url, tokenIn(nationData))

export const part = (person: Person, path: string) => person.call('GET', `/v1/policy/${path}`)
export const revisionNow = async (): Promise<number> =>
  (await juma.get('/v1/policy/revisions?pageSize=1')).items[0]!.revision
export const labelsOf = async (id: string) => (await juma.get(`/v1/policy/institutions/${id}`)).labels
/** Milliseconds from now, as a query has it. */
export const hourIn = (ms: number): string => encodeURIComponent(new Date(Date.now() + ms).toISOString())

export const internetDown = ({ flows }: Pick<Body, 'flows'>): Flow | undefined =>
  flows.find(({ service, direction }) => service === 'internet' && direction === 'down')
/** Waits until this is what the institution may have at most. */
export const hasCeiling = (id: string, ceiling: number, what: string): Promise<Body> =>
  machine.until(`/v1/institutions/${id}`, (found) => internetDown(found)?.ceiling === ceiling, what)
