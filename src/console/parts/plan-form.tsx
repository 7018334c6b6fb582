// A question of a planner as a form: first its kind, then what that kind has to be told.

import { useState } from 'preact/hooks'
import { SHIPPED_SCENARIOS, type SimulationKind } from '../../model/simulation.js'
import type { Schema } from '../call.js'
import { useStore, useWords } from '../store.js'
import { PLAN, PLAN_KINDS, PLAN_STORIES } from '../words/plan-texts.js'
import type { Text } from '../words/texts.js'

type Question = Schema['SimulationAskedInput']
type Given = Readonly<Record<string, string>>

/** Those that a form asks; two answers are compared from one of them. */
const KINDS = ['failures', 'runout', 'buy', 'futures', 'simulate'] as const satisfies readonly SimulationKind[]
type Kind = (typeof KINDS)[number]

const OFFERS = 'offer,link,capacity,once,monthly,lead_days\n'
const FAILING: readonly (readonly [string, Text])[] = [
  ['', PLAN.nothing],
  ['upstream', PLAN.upstream],
  ['backbone', PLAN.backbone],
  ['link', PLAN.anyLink],
  ['link,group', PLAN.anyGroup],
  ['node', PLAN.anyNode],
]

/** @param proposals ids of those that are open or approved */
export function PlanForm({ proposals }: { readonly proposals: readonly string[] }) {
  const store = useStore()
  const { say } = useWords()
  const [kind, setKind] = useState<Kind>('failures')
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const given = Object.fromEntries([...form].map(([name, value]) => [name, String(value).trim()]))
    setBusy(true)
    try {
      const { id } = await store.call('post', '/v1/simulations', { body: questionOf(kind, given) })
      store.go(`/planner/${id}`)
    } catch (error) {
      store.complain(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <section class="card">
      <h2>{say(PLAN.newQuestion)}</h2>
      <form id="ask" method="post" class="tall" onSubmit={(event) => void submit(event)}>
        <label>
          {say(PLAN.question)}{' '}
          <select
            name="kind"
            value={kind}
            onChange={({ currentTarget: { value } }) => setKind(KINDS.find((one) => one === value) ?? 'failures')}
          >
            {KINDS.map((one) => (
              <option key={one} value={one} selected={one === kind}>
                {say(PLAN_KINDS[one])}
              </option>
            ))}
          </select>
        </label>
        <Of kind={kind} proposals={proposals} />
        <Details key={kind} kind={kind} />
        <p>
          <button type="submit" class="main" disabled={isBusy}>
            {say(PLAN.ask)}
          </button>
        </p>
      </form>
    </section>
  )
}

/** What is asked about: policy, story, day. */
function Of({ kind, proposals }: { readonly kind: Kind; readonly proposals: readonly string[] }) {
  const { say } = useWords()
  const stories = SHIPPED_SCENARIOS.map((name) => [name, say(PLAN_STORIES[name])] as const)
  return (
    <>
      {proposals.length > 0 && (
        <Select
          name="proposal"
          label={PLAN.of}
          options={[
            ['', say(PLAN.policyInForce)],
            ...proposals.map((id) => [id, `${say(PLAN.proposal)} ${id}`] as const),
          ]}
        />
      )}
      <Select
        name="scenario"
        label={PLAN.scenario}
        options={kind === 'simulate' ? stories : [['', say(PLAN.noScenario)], ...stories]}
      />
      {kind !== 'simulate' && <Input name="day" label={PLAN.day} type="date" />}
    </>
  )
}

function Details({ kind }: { readonly kind: Kind }) {
  const { say } = useWords()
  const failing = FAILING.map(([value, said]) => [value, say(said)] as const)
  const growth = <Input name="growth" label={PLAN.growth} value="0.25" isNeeded />
  const years = (value: string) => <Input name="years" label={PLAN.years} type="number" value={value} />
  switch (kind) {
    case 'failures':
      return (
        <>
          <Input name="busiest" label={PLAN.busiest} type="number" value="12" />
          <label>
            <input type="checkbox" name="pairs" value="true" /> {say(PLAN.pairs)}
          </label>
        </>
      )
    case 'runout':
      return (
        <>
          {growth}
          <Select name="anyOne" label={PLAN.anyOne} options={failing} chosen="upstream" />
          {years('5')}
        </>
      )
    case 'buy':
      return (
        <>
          <Input name="keep" label={PLAN.keep} value="everyone" isNeeded />
          {growth}
          <Select name="anyOne" label={PLAN.anyOne} options={failing.slice(1)} chosen="upstream" />
          {years('3')}
          <Sheet name="offers" label={PLAN.offers} value={OFFERS} />
        </>
      )
    case 'futures':
      return (
        <>
          {growth}
          <Input name="draws" label={PLAN.draws} type="number" value="1000" />
          <Sheet name="outages" label={PLAN.outages} value="" />
        </>
      )
    case 'simulate':
      return <Input name="seed" label={PLAN.seed} type="number" />
  }
}

interface InputProps {
  readonly name: string
  readonly label: Text
  readonly type?: 'text' | 'number' | 'date'
  readonly value?: string
  readonly isNeeded?: boolean
}

function Input({ name, label, type = 'text', value, isNeeded = false }: InputProps) {
  const { say } = useWords()
  // What stands beside it all of these take.
  const kind = type as 'text'
  return (
    <label>
      {say(label)} <input type={kind} name={name} required={isNeeded} defaultValue={value} maxLength={500} />
    </label>
  )
}

interface SelectProps {
  readonly name: string
  readonly label: Text
  readonly options: readonly (readonly [value: string, said: string])[]
  readonly chosen?: string
}

function Select({ name, label, options, chosen }: SelectProps) {
  const { say } = useWords()
  return (
    <label>
      {say(label)}{' '}
      <select name={name}>
        {options.map(([value, said]) => (
          <option key={value} value={value} selected={value === chosen}>
            {said}
          </option>
        ))}
      </select>
    </label>
  )
}

function Sheet({ name, label, value }: { readonly name: string; readonly label: Text; readonly value: string }) {
  const { say } = useWords()
  return (
    <label>
      {say(label)}
      <textarea name={name} rows={6} cols={60} defaultValue={value} spellcheck={false} />
    </label>
  )
}

/** What was left empty is left to the command. */
function questionOf(kind: Kind, given: Given): Question {
  const text = (name: string): string | undefined => given[name] || undefined
  const count = (name: string): number | undefined => (given[name] ? Number(given[name]) : undefined)
  const scenario = SHIPPED_SCENARIOS.find((name) => name === given.scenario)
  const ofAll = { proposal: text('proposal') }
  const study = { ...ofAll, scenario, day: text('day'), seed: count('seed') }
  const failing = { anyOne: text('anyOne'), years: count('years') }
  const [growth, keep, offers] = [given.growth ?? '', given.keep ?? '', given.offers ?? '']
  const question: { readonly [K in Kind]: () => Question } = {
    failures: () => ({
      kind: 'failures',
      ...study,
      busiest: count('busiest'),
      pairs: given.pairs === 'true' || undefined,
    }),
    runout: () => ({ kind: 'runout', ...study, ...failing, growth }),
    buy: () => ({ kind: 'buy', ...study, ...failing, growth: text('growth'), keep, offers: `${offers}\n` }),
    futures: () => ({ kind: 'futures', ...study, growth, draws: count('draws'), outages: text('outages') }),
    simulate: () => ({ kind: 'simulate', ...ofAll, seed: count('seed'), scenario: scenario ?? SHIPPED_SCENARIOS[0] }),
  }
  // What is undefined is not sent.
  return JSON.parse(JSON.stringify(question[kind]())) as Question
}
