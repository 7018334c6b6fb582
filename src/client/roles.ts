// mizani roles: what each role may do. The list is the gate's own (guard.ts), written down by `npm run client`; a test
// holds the two against each other, so it cannot promise what the server refuses.

import { ROLE_MEANINGS, ROLES, type Role, type Rule, satisfies } from '../model/principal.js'
import type { Io } from '../runtime/io.js'
import { API_RULES } from './api-rules.js'

type ApiRule = (typeof API_RULES)[number]

const mayWith = (role: Role, { access }: ApiRule): boolean =>
  access.some((rule: Rule) => satisfies({ roles: [role], inPerson: true }, rule, false))
/** What is open to whoever looks around is told once, not with every role. */
const isForAll = (rule: ApiRule): boolean => mayWith('viewer', rule)

/** Calls that a role opens besides what all who work here may see. */
function callsOf(role: Role): readonly ApiRule[] {
  const others = ROLES.filter((other) => other !== 'admin')
  return API_RULES.filter((rule) => {
    if (role === 'viewer') return isForAll(rule)
    if (isForAll(rule) || !mayWith(role, rule)) return false
    // An administrator may do what any person may: only what is theirs alone is listed.
    return role !== 'admin' || !others.some((other) => mayWith(other, rule))
  })
}

export async function runRoles({ role, json }: { role?: Role; json: boolean }, { stdout }: Io): Promise<void> {
  const asked = role === undefined ? ROLES : [role]
  if (json) {
    const rows = asked.map((one) => ({ role: one, means: ROLE_MEANINGS[one], may: callsOf(one) }))
    stdout.write(`${JSON.stringify(rows)}\n`)
    return
  }
  const all = asked.flatMap((one) => [`${one}: ${ROLE_MEANINGS[one]}`, ...callLines(callsOf(one)), ''])
  stdout.write(`${[...all, ...NOTES].join('\n')}\n`)
}

function callLines(calls: readonly ApiRule[]): string[] {
  if (calls.length === 0) return ['    Nothing besides what a viewer sees']
  return calls.map(({ method, path, summary, scoped }) => `  ${scoped ? '*' : ' '} ${summary}  (${method} ${path})`)
}

const NOTES = [
  'Roles add up: an account may have several (mizani user add ID --roles operator,engineer).',
  'With a scope (--institutions, --regions, --categories, --envelopes) somebody sees all and writes only through what',
  'is marked *, and there only what lies inside. What needs a second person, guards say: mizani explain-policy guards',
]
