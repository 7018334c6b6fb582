// What a change would do, before it is made: under four demands who loses and who gains, which promises break, which
// tests fail, who has to agree.

import { isPromiseAlone } from '../../model/preview.js'
import type { Schema } from '../call.js'
import { useFoundNames } from '../names.js'
import { useWords } from '../store.js'
import { impactNowSaid, impactSaid, POLICY, passedSaid, promiseShiftSaid } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'
import { InstitutionLink } from './institution-link.js'
import { useServiceName } from './request.js'
import { Scroll } from './scroll.js'

type Impact = Schema['Impact']
type Previewed = Pick<Schema['PolicyOutcome'], 'impact' | 'tests' | 'busyHour'>

interface Props {
  readonly preview: Previewed
  readonly warnings: readonly string[]
  /** Those that ask for a second person. */
  readonly guards?: readonly string[]
  /** Something that befalls the network, not a change somebody proposes: what counts is now, and no second failure. */
  readonly befalls?: boolean
}

const DEMANDS = ['now', 'busyHour', 'allAtCeiling', 'worstFailure'] as const
const MOST = 100

export function ImpactShown({ preview: { impact, tests, busyHour }, warnings, guards = [], befalls = false }: Props) {
  const { say, lang } = useWords()
  if (impact === undefined) return null
  const demands = befalls ? DEMANDS.filter((demand) => demand !== 'worstFailure') : DEMANDS
  const counted = befalls && impact.now !== null ? (['now'] as const) : demands
  const worst = Math.max(...counted.map((demand) => impact[demand]?.totals.losers ?? 0))
  const broken = Math.max(...counted.map((demand) => impact[demand]?.totals.guaranteesBroken ?? 0))
  const isPromised = counted.some((demand) => impact[demand]?.institutions.losers.some(losesPromiseAlone))
  const said = counted.length === 1 ? impactNowSaid : impactSaid
  const named = useFoundNames(
    placesIn(
      demands.map((demand) => impact[demand]),
      tests,
    ),
  )
  const nameOf = (id: string): string => named('institutions', id)
  return (
    <div class="impact">
      <p class={worst > 0 ? 'sentence bad' : 'sentence'}>{said(lang, worst, broken, isPromised)}</p>
      <Scroll label={say(POLICY.preview)}>
        <table>
          <thead>
            <tr>
              <th scope="col">{say(POLICY.demand)}</th>
              {([POLICY.losers, POLICY.gainers, POLICY.promisesBroken] as const).map((head) => (
                <th key={head[0]} scope="col" class="number">
                  {say(head)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {demands.map((demand) => (
              <Row key={demand} name={say(POLICY[demand])} impact={impact[demand]} />
            ))}
          </tbody>
        </table>
      </Scroll>
      {impact.now === null && <p class="quiet">{say(POLICY.nowUnknown)}</p>}
      {busyHour !== undefined && <p class="quiet">{busyHour.text[lang]}</p>}
      {demands.map((demand) => (
        <Who key={demand} name={say(POLICY[demand])} impact={impact[demand]} nameOf={nameOf} />
      ))}
      {tests !== undefined && <Tests tests={tests} nameOf={nameOf} />}
      {guards.length > 0 && (
        <p class="warn">
          {say(POLICY.guarded)}: {guards.join(', ')}
        </p>
      )}
      {warnings.length > 0 && (
        <details>
          <summary>
            {say(POLICY.warnings)} ({warnings.length})
          </summary>
          <ul lang="en">
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

/** Whoever stands in its lists. */
function placesIn(impacts: readonly (Impact | null)[], tests: Previewed['tests']): string[] {
  const shifts = impacts.flatMap((impact) =>
    impact === null
      ? []
      : [impact.institutions.losers, impact.institutions.gainers].flatMap((all) => all.slice(0, MOST)),
  )
  const failing = tests === undefined ? [] : [...tests.failed, ...tests.stillFailing]
  return [...new Set([...shifts, ...failing].map(({ institution }) => `institutions/${institution}`))].sort()
}

const losesPromiseAlone = ({ down, up }: Shift): boolean =>
  [down, up].every((sum) => sum === null || isPromiseAlone(sum))

type NameOf = (institution: string) => string

function Row({ name, impact }: { readonly name: string; readonly impact: Impact | null }) {
  const { say } = useWords()
  const { losers, gainers, guaranteesBroken } = impact?.totals ?? {}
  return (
    <tr>
      <th scope="row">
        {name}
        {impact?.failure && ` (${impact.failure})`}
      </th>
      <td class={losers ? 'number bad' : 'number'}>{losers ?? say(TEXTS.none)}</td>
      <td class="number">{gainers ?? say(TEXTS.none)}</td>
      <td class={guaranteesBroken ? 'number bad' : 'number'}>{guaranteesBroken ?? say(TEXTS.none)}</td>
    </tr>
  )
}

type Shift = Impact['institutions']['losers'][number]

/** By name, the largest change first. */
function Who({ name, impact, nameOf }: { readonly name: string; readonly impact: Impact | null; nameOf: NameOf }) {
  const { say } = useWords()
  if (impact === null || impact.totals.losers + impact.totals.gainers === 0) return null
  const { losers, gainers } = impact.institutions
  return (
    <details open={losers.length > 0 && losers.length <= 12}>
      <summary>
        {name}: {say(POLICY.losers)} {losers.length}, {say(POLICY.gainers)} {gainers.length}
      </summary>
      <Shifts
        {...{ of: name, nameOf, label: say(POLICY.losers), shifts: losers }}
        broken={impact.institutions.guaranteesBroken}
      />
      <Shifts {...{ of: name, nameOf, label: say(POLICY.gainers), shifts: gainers, broken: [] }} />
    </details>
  )
}

interface ShiftsProps {
  readonly of: string
  readonly label: string
  readonly shifts: readonly Shift[]
  readonly broken: readonly string[]
  readonly nameOf: NameOf
}

function Shifts({ of, label, shifts, broken, nameOf }: ShiftsProps) {
  const { say, rate, lang } = useWords()
  if (shifts.length === 0) return null
  const way = (sum: Shift['down']): string =>
    sum === null
      ? say(TEXTS.none)
      : isPromiseAlone(sum)
        ? `${rate(sum.before)} (${promiseShiftSaid(lang, rate(sum.keptBefore), rate(sum.keptAfter))})`
        : `${rate(sum.before)} → ${rate(sum.after)}`
  return (
    <Scroll label={`${of}: ${label}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">{label}</th>
            <th scope="col" class="number">
              {say(TEXTS.down)}
            </th>
            <th scope="col" class="number">
              {say(TEXTS.up)}
            </th>
          </tr>
        </thead>
        <tbody>
          {shifts.slice(0, MOST).map((shift) => (
            <tr key={shift.institution}>
              <th scope="row">
                <InstitutionLink id={shift.institution} name={nameOf(shift.institution)} />
                {broken.includes(shift.institution) && <span class="bad"> {say(POLICY.promiseBreaks)}</span>}
              </th>
              <td class="number">{way(shift.down)}</td>
              <td class="number">{way(shift.up)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function Tests({ tests, nameOf }: { readonly tests: NonNullable<Previewed['tests']>; readonly nameOf: NameOf }) {
  const { say, rate, lang } = useWords()
  const serviceName = useServiceName()
  const { passed, failed, stillFailing } = tests
  return (
    <div>
      <p class={failed.length > 0 ? 'bad' : 'quiet'}>{passedSaid(lang, passed, failed.length, stillFailing.length)}</p>
      <ul>
        {[...failed, ...stillFailing].map((one, i) => (
          <li key={`${one.test} ${one.institution} ${i}`} class={i < failed.length ? 'bad' : undefined}>
            <a href={`/policy/tests/${encodeURIComponent(one.test)}`}>{one.test}</a>:{' '}
            {[nameOf(one.institution), serviceName(one.service), say(TEXTS[one.direction])].join(', ')}:{' '}
            {rate(one.found)} &lt; {rate(one.expected)} {one.failure !== null && ` (${one.failure})`} {one.because}
          </li>
        ))}
      </ul>
    </div>
  )
}
