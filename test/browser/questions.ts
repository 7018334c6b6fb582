// One question of each kind that a planner may ask, answered: for whoever looks at every page.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../harness/root.js'
import type { Stage } from './stage.js'

const DAY = '2026-12-01'
const offers = readFileSync(join(ROOT, 'config/offers/example.csv'), 'utf8')
const outages = readFileSync(join(ROOT, 'config/odds/example.csv'), 'utf8')

const QUESTIONS = [
  { kind: 'failures', day: DAY, busiest: 4 },
  { kind: 'failures', day: DAY, busiest: 1 },
  { kind: 'runout', day: DAY, growth: '0.25±0.08', anyOne: 'upstream' },
  { kind: 'buy', day: DAY, growth: '0.25', keep: 'everyone', anyOne: 'upstream', years: 2, offers },
  { kind: 'futures', day: DAY, growth: '0.2', draws: 40, outages },
  { kind: 'simulate', scenario: 'cable-cut-2024-05' },
]

interface Shown {
  readonly id: string
  readonly state: string
  readonly refusal: { readonly message: string } | null
}

/** @returns where the answers are looked at, in the order of the questions; the last compares the first two */
export async function askAll({ url, token }: Pick<Stage, 'url' | 'token'>): Promise<string[]> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const ended = async (body: object): Promise<string> => {
    const asked = await fetch(`${url}/v1/simulations`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!asked.ok) throw new Error(await asked.text())
    const { id } = (await asked.json()) as Shown
    for (;;) {
      const found = (await (await fetch(`${url}/v1/simulations/${id}?tables=none`, { headers })).json()) as Shown
      if (found.state === 'done') return id
      if (found.state === 'failed') throw new Error(`${id}: ${found.refusal?.message}`)
      await new Promise((done) => setTimeout(done, 300))
    }
  }
  const ids: string[] = []
  for (const question of QUESTIONS) ids.push(await ended(question))
  ids.push(await ended({ kind: 'compare', a: ids[0], b: ids[1] }))
  return ids.map((id) => `/planner/${id}`)
}
