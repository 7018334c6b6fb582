// The thread of the tick. Nobody else is at it: it has its own connections to the rates store, hears what holds from
// the main thread, and shows it what it made. A main thread that is slow is not waited for; it is shown the newest
// picture when it has taken in the one before, and those between are gone.

import type { EdgeKey } from '../model/edge-account.js'
import { ratesStore } from '../publish/rates-store.js'
import { Counters } from '../record/counters.js'
import { anotherRound, systemClock } from '../runtime/clock.js'
import { createLogger } from '../runtime/log.js'
import { byPieces } from '../runtime/pieces.js'
import { connect } from '../runtime/redis.js'
import { thisThread } from '../runtime/thread.js'
import type { Problem } from '../solve/problem.js'
import { Controller } from '../tick/controller.js'
import type { Situation } from '../tick/planner.js'
import type { Shown } from '../tick/shown.js'
import { createSolverThreads } from '../tick/solver.js'
import { EdgeMacs } from '../wire/mac.js'
import { watchListener } from './listener-watch.js'
import {
  type FromTicks,
  type Picture,
  pictureOf,
  revisionOf,
  type SituationNews,
  shownPlan,
  type TickData,
  type TickState,
  type ToTicks,
} from './tick-words.js'

const clock = systemClock
const { data, tell, onMessage } = thisThread<FromTicks, ToTicks, TickData>()
const { volatileUrl, plane, id, term } = data
const log = createLogger(data.log.name, data.log.level)

// ---- what holds

let now: (Situation & { readonly number: number }) | null = null
const numbers = new WeakMap<Shown['situation'], number>()

function take({ revision, ...news }: SituationNews): void {
  const before = now?.revision ?? null
  now = { ...news, revision: revision === null ? before! : revisionOf(revision, before) }
  numbers.set(now, now.number)
}

function situation(): Situation {
  if (now === null) throw new Error('no situation was told yet')
  return now
}

let macs: ReadonlyMap<string, { readonly text: string; readonly macs: EdgeMacs }> = new Map()

/** Under which key an edge is told is what it showed to hold: that is known for as long as its keys are the same. */
function takeKeys(keys: ReadonlyMap<string, readonly EdgeKey[]>): void {
  macs = new Map(
    [...keys].map(([edge, own]) => {
      const text = JSON.stringify(own)
      const known = macs.get(edge)
      return [edge, known?.text === text ? known : { text, macs: new EdgeMacs(own, 'controller') }]
    }),
  )
}

// ---- what is shown

/** What was told last, and whether it has been taken in. */
let told: Shown | null = null
let isSeen = true
let waiting: { readonly shown: Shown<Problem>; readonly picture: Omit<Picture, 'plan'> } | null = null

function show(shown: Shown<Problem>): void {
  const picture = pictureOf(shown, numbers.get(shown.situation)!, told, waiting?.picture.problem ?? null)
  waiting = { shown, picture }
  if (isSeen) void tellPicture()
}

/** A new plan is compared with the one before by pieces: the next tick may come between. */
async function tellPicture(): Promise<void> {
  if (waiting === null) return
  const { shown, picture } = waiting
  const before = told
  told = shown
  waiting = null
  isSeen = false
  const plan = shown.plan === before?.plan ? null : await byPieces(shownPlan(shown, before), anotherRound)
  const handedOver = [picture.problem, picture.rest].filter((buffer) => buffer !== null)
  tell({ kind: 'picture', picture: { ...picture, plan } }, handedOver)
}

let stateTold = ''

function tellState(): void {
  const { failing, leadsUntil } = controller
  const state: TickState = { failing, leadsUntil, findings: listener.findings() }
  const text = JSON.stringify(state)
  if (text !== stateTold) tell({ kind: 'state', state })
  stateTold = text
}

// ---- the tick

const redis = connect(volatileUrl, 'controller', { log })
const subscriber = connect(volatileUrl, 'controller-subscriber')
const store = ratesStore(redis, subscriber, plane, clock, log, (edge) => macs.get(edge)?.macs ?? null)
const listener = watchListener({ redis, subscriber, plane, clock, log })
const solver = createSolverThreads()
const counters = new Counters()
const controller = new Controller({
  ...{ id, clock, log, term, store, solver, counters, situation },
  onShown: show,
  onBeat: (late) => tell({ kind: 'beat', late }),
  onTurn: tellState,
})

async function stop(): Promise<void> {
  await controller.stop()
  listener.cancel()
  redis.disconnect()
  subscriber.disconnect()
  await solver.close()
  tell({ kind: 'stopped' })
}

onMessage((message) => {
  switch (message.kind) {
    case 'situation':
      return take(message.news)
    case 'keys':
      return takeKeys(message.keys)
    case 'sample':
      return void counters.take(message.link, message.sample, clock.wall())
    case 'start':
      return controller.start()
    case 'wake':
      return controller.wake()
    case 'tick':
      return void controller.tick().then(() => {
        tell({ kind: 'ticked', name: message.name, number: controller.ticks })
      })
    case 'seen':
      isSeen = true
      return void tellPicture()
    case 'stop':
      return void stop()
  }
})
