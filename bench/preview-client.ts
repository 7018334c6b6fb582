// The people of bench/preview.ts, in a process of their own, so that they do not stand in the way of what is measured:
// previews of another tier for somebody, or commits of another ticket, one after the other. Prints one line of JSON.

import { SEED, seeded } from './harness.js'

const [, , work, url, token, runs] = process.argv
const random = seeded(SEED)
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }

interface Shown {
  readonly solveMs: number
  readonly impact: Readonly<Record<string, { readonly totals: { readonly losers: number } } | null>>
}
interface Policy {
  readonly tiers: Readonly<Record<string, { readonly services: object }>>
  readonly institutions: Readonly<Record<string, { readonly tier: string }>>
}

async function call<T>(method: string, path: string, body?: unknown, more = {}): Promise<{ body: T; etag: string }> {
  const init = {
    method,
    headers: { ...headers, ...more },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
  const answer = await fetch(url + path, init)
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(text)
  return { body: JSON.parse(text) as T, etag: answer.headers.get('etag') ?? '' }
}

const { body: policy } = await call<Policy>('GET', '/v1/policy')
const names = Object.keys(policy.institutions).sort()
const tiers = Object.keys(policy.tiers).sort()
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!

/** Another tier that has bandwidth for all that the institution takes. */
function change(): { pointer: string; after: string } {
  for (;;) {
    const name = pick(names)
    const tier = pick(tiers)
    const { tier: before } = policy.institutions[name]!
    const services = Object.keys(policy.tiers[before]!.services)
    if (tier !== before && services.every((id) => id in policy.tiers[tier]!.services)) {
      return { pointer: `/institutions/${name}/tier`, after: tier }
    }
  }
}

const times: number[] = []
const solves: number[] = []
const losers: number[] = []
for (let n = 0; n < Number(runs); n++) {
  if (work === 'preview') {
    const changes = [change()]
    const begun = performance.now()
    const { body } = await call<Shown>('POST', '/v1/policy/preview', { changes })
    times.push(performance.now() - begun)
    solves.push(body.solveMs)
    const { busyHour, allAtCeiling, worstFailure } = body.impact
    losers.push(...[busyHour, allAtCeiling, worstFailure].map((found) => found!.totals.losers))
  } else {
    const path = `/v1/policy/institutions/${pick(names)}`
    const part = await call<{ labels: Record<string, string> }>('GET', path)
    const next = { ...part.body, labels: { ...part.body.labels, ticket: `T-${n}` } }
    const begun = performance.now()
    await call('PUT', `${path}?reason=bench&confirmWithin=0`, next, { 'if-match': part.etag })
    times.push(performance.now() - begun)
  }
}
console.log(JSON.stringify({ times, solves, losers }))
