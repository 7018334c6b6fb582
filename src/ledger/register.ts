// The register: what stands in writing and what does not. It answers what auditors ask first: who has no agreement,
// whose has ended or ends soon, who is promised more, or less, than was agreed, who has an agreement and uses nothing,
// and which lines are paid for and carried nothing. Without an amount: everyone who may look around may read it.

import type { Text } from '../model/network.js'
import { DAY } from '../model/units.js'
import { linesOf } from '../policy/document/contract-rules.js'
import type { PolicyAgreement } from '../policy/document/contracts.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { subscribes } from '../policy/document/members.js'
import type { IdleLine, InstitutionOfMonth } from './ledger-month.js'

/** An end within so many days is near. */
const NEAR_DAYS = 90

const FINDINGS = [
  'no-agreement',
  'agreement-ended',
  'agreement-ends',
  'other-tier',
  'more-services',
  'idle',
  'unseen',
  'contract-ended',
  'contract-ends',
  'no-contract',
  'dead-line',
  'unseen-line',
]
type RegisterFinding = (typeof FINDINGS)[number]

export interface RegisterRow {
  readonly finding: RegisterFinding
  /** An institution, a contract, a line or an agreement. */
  readonly subject: string
  readonly detail: string
  /** The same in two languages. */
  readonly words: Text
  /** The day that it is about; null: none is. */
  readonly on: string | null
}

/** What was used in the month that is looked at. */
export interface RegisterUse {
  readonly month: string
  readonly institutions: readonly Pick<InstitutionOfMonth, 'institution' | 'seen' | 'used'>[]
  readonly idleLines: readonly IdleLine[]
}

export interface Register {
  readonly today: string
  /** The month that idle institutions and dead lines were looked for in. */
  readonly month: string
  readonly institutions: number
  readonly agreed: number
  readonly rows: readonly RegisterRow[]
}

export function registerOf(
  document: PolicyDocument,
  { month, institutions, idleLines }: RegisterUse,
  { today }: { readonly today: string },
): Register {
  const near = new Date(Date.parse(`${today}T00:00:00Z`) + NEAR_DAYS * DAY).toISOString().slice(0, 10)
  const held = agreementsBy(document, today)
  const used = new Map(institutions.map((one) => [one.institution, one]))
  const rows: RegisterRow[] = []
  const add: Add = (finding, subject, en, sw, on = null) =>
    void rows.push({ finding, subject, detail: en, words: { en, sw }, on })
  for (const [id, institution] of Object.entries(document.institutions)) {
    const { now = [], past = [] } = held.get(id) ?? {}
    const last = past.at(-1)
    if (now.length === 0 && last === undefined) add('no-agreement', id, 'has no agreement', 'haina makubaliano')
    else if (now.length === 0)
      add('agreement-ended', id, `${last!.reference} has ended`, `${last!.reference} yamekwisha`, last!.until)
    for (const { reference, until } of now)
      if (until !== null && until <= near)
        add('agreement-ends', id, `${reference} ends`, `${reference} yanaisha`, until)
    const tiers = [...new Set(now.map(({ tier }) => tier))]
    if (tiers.length > 0 && !tiers.includes(institution.tier))
      add(
        'other-tier',
        id,
        `is of tier ${institution.tier}, agreed was ${tiers.join(', ')}`,
        `iko daraja ${institution.tier}, makubaliano ni ${tiers.join(', ')}`,
      )
    const agreed = new Set(now.flatMap(({ services }) => services))
    const more = Object.entries(document.services)
      .filter(([service, about]) => subscribes(institution, about) && !agreed.has(service))
      .map(([service]) => service)
    if (now.length > 0 && more.length > 0)
      add(
        'more-services',
        id,
        `takes ${more.join(', ')}, which was not agreed`,
        `inapata ${more.join(', ')}, ambayo haimo kwenye makubaliano`,
      )
    const use = used.get(id)
    if (use === undefined) continue
    if (use.seen === 0) add('unseen', id, `was not seen in ${month}`, `haikuonekana ${month}`)
    else if (now.length > 0 && use.used === 0)
      add('idle', id, `has used nothing in ${month}`, `haikutumia chochote ${month}`)
  }
  const payers = contractRows(document, { today, near }, add)
  for (const { line, isSeen } of idleLines) {
    const paid = payers.get(line)
    const [by, na] = paid === undefined ? ['', ''] : [`; ${paid} pays for it`, `; inalipiwa na ${paid}`]
    if (isSeen) add('dead-line', line, `has carried nothing in ${month}${by}`, `haikubeba chochote ${month}${na}`)
    else add('unseen-line', line, `was not recorded in ${month}${by}`, `haikurekodiwa ${month}${na}`)
  }
  const order = (row: RegisterRow): number => FINDINGS.indexOf(row.finding)
  rows.sort((a, b) => order(a) - order(b) || (a.subject < b.subject ? -1 : 1))
  const ids = Object.keys(document.institutions)
  const agreed = ids.filter((id) => (held.get(id)?.now.length ?? 0) > 0).length
  return { today, month, institutions: ids.length, agreed, rows }
}

function agreementsBy({ agreements = {} }: PolicyDocument, today: string) {
  const by = new Map<string, { now: PolicyAgreement[]; past: PolicyAgreement[] }>()
  for (const agreement of Object.values(agreements).sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const own = by.get(agreement.institution) ?? { now: [], past: [] }
    by.set(agreement.institution, own)
    if (agreement.from > today) continue
    const isOver = agreement.until !== null && agreement.until < today
    own[isOver ? 'past' : 'now'].push(agreement)
  }
  return by
}

type Add = (finding: RegisterFinding, subject: string, en: string, sw: string, on?: string | null) => void

/** @returns which contract pays for each line today */
function contractRows(
  document: PolicyDocument,
  { today, near }: { readonly today: string; readonly near: string },
  add: Add,
): Map<string, string> {
  const paid = new Map<string, string>()
  for (const [id, contract] of Object.entries(document.contracts ?? {})) {
    const { from, until, provider, leadDays } = contract
    if (until !== null && until < today)
      add('contract-ended', id, `with ${provider} has ended`, `na ${provider} umekwisha`, until)
    else if (until !== null && until <= near)
      add(
        'contract-ends',
        id,
        `with ${provider} ends; a new one takes ${leadDays} days to have`,
        `na ${provider} unaisha; mpya huchukua siku ${leadDays} kupatikana`,
        until,
      )
    const isHeld = from <= today && (until === null || until >= today)
    if (isHeld) for (const line of linesOf(document, contract)) paid.set(line, id)
  }
  for (const [id, { kind }] of Object.entries(document.links))
    if (kind === 'upstream' && !paid.has(id))
      add('no-contract', id, 'is an upstream without a contract', 'ni njia ya nje isiyo na mkataba')
  return paid
}
