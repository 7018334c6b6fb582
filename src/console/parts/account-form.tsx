// An account, or a token of one: who, what they may do, and where. Some of it is done in person.

import { useState } from 'preact/hooks'
import { ROLES, type Role } from '../../model/principal.js'
import { parseRate, writeRate } from '../../model/units.js'
import type { Schema } from '../call.js'
import { useStore, useWords } from '../store.js'
import { IN_PERSON } from '../words/in-person-texts.js'
import { PEOPLE } from '../words/people-texts.js'
import type { Text } from '../words/texts.js'
import { useInPerson } from './in-person.js'
import { useReady } from './ready.js'

type Scope = Schema['Scope']

export interface Given {
  readonly texts: Readonly<Record<string, string>>
  readonly roles: readonly Role[]
  readonly scope: Scope | null
}

interface Asked {
  readonly name: string
  readonly label: Text
  readonly value?: string
  readonly type?: 'text' | 'password' | 'date'
  readonly isFree?: boolean
}

interface Props {
  readonly id: string
  readonly title: Text
  readonly done: Text
  readonly fields: readonly Asked[]
  readonly roles: readonly Role[]
  readonly scope: Scope | null
  /** Only some deeds of it are. */
  readonly inPerson: boolean
  give(given: Given): Promise<unknown>
}

export function AccountForm({ id, title, done, fields, roles, scope, inPerson, give }: Props) {
  const store = useStore()
  const { say } = useWords()
  const { byCode, prove } = useInPerson()
  const isReady = useReady()
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const said = new FormData(form)
    const texts = Object.fromEntries([...said].map(([name, value]) => [name, String(value).trim()]))
    setBusy(true)
    try {
      if (inPerson) await prove(texts.code ?? '')
      const chosen = ROLES.filter((role) => said.getAll('role').includes(role))
      await give({ texts, roles: chosen, scope: scopeIn(texts) })
      store.say(say(done))
      form.reset()
      await store.refresh()
    } catch (error) {
      store.complain(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form id={id} method="post" class="card tall" onSubmit={(event) => void submit(event)}>
      {fields.map(({ name, label, value, type = 'text', isFree = false }) => {
        // What stands beside it all of these take.
        const kind = type as 'text'
        return (
          <label key={name} class="field">
            {say(label)}
            <input type={kind} name={name} required={!isFree} maxLength={200} defaultValue={value} autocomplete="off" />
          </label>
        )
      })}
      <Roles chosen={roles} />
      <ScopeFields scope={scope} />
      {inPerson && byCode && (
        <label class="field">
          {say(IN_PERSON.codeAgain)}
          <input name="code" inputMode="numeric" autocomplete="one-time-code" required maxLength={40} />
        </label>
      )}
      <div class="buttons">
        <button type="submit" class="main" disabled={isBusy || !isReady}>
          {say(title)}
        </button>
      </div>
    </form>
  )
}

function Roles({ chosen }: { readonly chosen: readonly Role[] }) {
  const { say, role: named } = useWords()
  return (
    <fieldset>
      <legend>{say(PEOPLE.roles)}</legend>
      <div class="row">
        {ROLES.filter((role) => role !== 'edge').map((role) => (
          <label key={role}>
            <input type="checkbox" name="role" value={role} defaultChecked={chosen.includes(role)} /> {named(role)}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

const KINDS = ['institutions', 'regions', 'categories', 'envelopes'] as const

function ScopeFields({ scope }: { readonly scope: Scope | null }) {
  const { say } = useWords()
  const { budget = {}, reads = 'all' } = scope ?? {}
  const rate = (value: number | undefined): string => (value === undefined ? '' : writeRate(value))
  const fields: readonly (readonly [name: string, label: Text, value: string])[] = [
    ...KINDS.map((kind) => [kind, PEOPLE[kind], (scope?.[kind] ?? []).join(', ')] as const),
    ['mostInstitutions', PEOPLE.mostInstitutions, String(budget.institutions ?? '')],
    ['mostTiers', PEOPLE.mostTiers, (budget.tiers ?? []).join(', ')],
    ['mostGuarantee', PEOPLE.mostGuarantee, rate(budget.guarantee)],
    ['mostCeiling', PEOPLE.mostCeiling, rate(budget.ceiling)],
  ]
  return (
    <details open={scope !== null}>
      <summary>
        {say(PEOPLE.scope)}: {scope === null ? say(PEOPLE.everywhere) : say(PEOPLE.readsScope)}
      </summary>
      {fields.map(([name, label, value], i) => (
        <label key={name} class="field">
          {i >= KINDS.length && `${say(PEOPLE.budget)}: `}
          {say(label)}
          <input name={name} defaultValue={value} maxLength={500} spellcheck={false} />
        </label>
      ))}
      <label class="field">
        {say(PEOPLE.reads)}
        <select name="reads" defaultValue={reads}>
          <option value="all">{say(PEOPLE.readsAll)}</option>
          <option value="scope" selected={reads === 'scope'}>
            {say(PEOPLE.readsScope)}
          </option>
        </select>
      </label>
    </details>
  )
}

const listIn = (text = ''): string[] => text.split(/[\s,;]/).filter(Boolean)

/** Null: everywhere. What is no rate is sent as it is, and refused with what would be right. */
function scopeIn(texts: Readonly<Record<string, string>>): Scope | null {
  const named = Object.fromEntries(
    KINDS.map((kind) => [kind, listIn(texts[kind])]).filter(([, ids]) => ids!.length > 0),
  )
  const tiers = listIn(texts.mostTiers)
  const { mostInstitutions = '', mostGuarantee = '', mostCeiling = '' } = texts
  const budget = {
    ...(mostInstitutions === '' ? {} : { institutions: Number(mostInstitutions) }),
    ...(tiers.length === 0 ? {} : { tiers }),
    ...(mostGuarantee === '' ? {} : { guarantee: parseRate(mostGuarantee) ?? Number(mostGuarantee) }),
    ...(mostCeiling === '' ? {} : { ceiling: parseRate(mostCeiling) ?? Number(mostCeiling) }),
  }
  const isScope = Object.keys(named).length > 0 || Object.keys(budget).length > 0
  if (!isScope && texts.reads !== 'scope') return null
  return {
    ...named,
    ...(Object.keys(budget).length === 0 ? {} : { budget }),
    ...(texts.reads === 'scope' ? { reads: 'scope' as const } : {}),
  }
}

export function scopeSaid(scope: Scope | null, everywhere: string): string {
  if (scope === null) return everywhere
  return KINDS.flatMap((kind) => scope[kind] ?? []).join(', ') || everywhere
}
