// How far a question is, and taking it back.

import type { Schema } from '../call.js'
import { useStore, useWords } from '../store.js'
import { PLAN, PLAN_STATES, progressSaid } from '../words/plan-texts.js'
import { Deed } from './deed.js'

type Simulation = Schema['Simulation']

const isUnderWay = (state: Simulation['state']): boolean => state === 'queued' || state === 'running'

export function SimulationState({ simulation }: { readonly simulation: Simulation }) {
  const { say, lang } = useWords()
  const { state, progress, left } = simulation
  const said = say(PLAN_STATES[state])
  if (state !== 'running') return <span class={state === 'failed' ? 'bad' : undefined}>{said}</span>
  const how = progressSaid(lang, progress, left)
  return (
    <span>
      {said} <progress max={1} value={progress} aria-label={`${said}: ${how}`} /> {how}
    </span>
  )
}

/** Who has asked takes it back, or an administrator. */
export function TakeBack({ simulation, done }: { readonly simulation: Simulation; done?(): void }) {
  const store = useStore()
  const me = store.me.value
  if (me === null || (me.actor !== simulation.author && !me.roles.includes('admin'))) return null
  const underWay = isUnderWay(simulation.state)
  return (
    <Deed
      title={underWay ? PLAN.takeBack : PLAN.remove}
      done={underWay ? PLAN.takenBack : PLAN.removed}
      fields={[]}
      act={async () => {
        await store.call('delete', '/v1/simulations/{id}', { path: { id: simulation.id } })
        done?.()
      }}
    />
  )
}
