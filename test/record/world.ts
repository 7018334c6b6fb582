// A small nation whose ticks are recorded: the production controller in a closed loop (test/tick/loop.ts), the
// production recorder and archive, on one thread and on a manual clock.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { Archive } from '../../src/record/archive.js'
import type { ArchivePort } from '../../src/record/archive-thread.js'
import { busiestOf } from '../../src/record/busy-hour.js'
import { Counters } from '../../src/record/counters.js'
import { missedIn } from '../../src/record/missed.js'
import { Recorder } from '../../src/record/recorder.js'
import { partOf } from '../../src/record/slot-rows.js'
import type { SolvedTick } from '../../src/record/tick.js'
import type { Webhook, WebhookStore } from '../../src/record/webhook-store.js'
import { createLogger } from '../../src/runtime/log.js'
import { Integers } from '../../src/solve/integers.js'
import type { Problem } from '../../src/solve/problem.js'
import { createSolver } from '../../src/solve/solve.js'
import { Loop, type Offer } from '../tick/loop.js'
import { smallPlane } from '../tick/small-plane.js'

/** With a tick of so many seconds, so that a day is thousands of ticks and not a hundred thousand. */
export function slowPlane(seconds: number, upstream: number): PolicyDocument {
  const document = smallPlane({ institutions: 6, upstream })
  const timing = { ...document.plane.timing, tick: seconds * 1_000, lease: 3_600_000 }
  return { ...document, plane: { ...document.plane, timing } }
}

export async function solveHere(problem: Problem): Promise<void> {
  createSolver(problem.shape).solve(problem)
  new Integers(problem.shape).round(problem)
}

/** The archive on this thread, as the port has it. */
export function archiveHere(folder: string): ArchivePort & { readonly archive: Archive } {
  const archive = new Archive(folder)
  return {
    archive,
    write: async (part) => archive.write(partOf(part)),
    tidy: (now, bound) => archive.tidy(now, bound),
    readFlows: (asked) => archive.readFlows(asked),
    readFlowMeans: (asked) => archive.readFlowMeans(asked),
    readLinks: (asked) => archive.readLinks(asked),
    busiest: (asked) => busiestOf(archive, asked),
    missed: (asked) => missedIn(archive, asked),
    readPlan: async (slot, name) => archive.readPlan(slot, name),
    readInForce: async (slot, at) => archive.readInForce(slot, at),
  }
}

export function temporaryFolder(after: (done: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'mizani-record-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The webhooks of the durable store, in memory. */
export function webhooksInMemory(): WebhookStore {
  const kept = new Map<string, Webhook>()
  return {
    read: async () => [...kept.values()],
    put: async (webhook) => void kept.set(webhook.id, webhook),
    replace: async (webhook) => kept.has(webhook.id) && Boolean(kept.set(webhook.id, webhook)),
    remove: async (id) => void kept.delete(id),
  }
}

export const log = createLogger('record', 'silent')
export const BOUND = { months: 13, bytes: 1e9 }

export interface World {
  readonly loop: Loop
  readonly recorder: Recorder
  readonly archive: ReturnType<typeof archiveHere>
}

export function recordedWorld(
  folder: string,
  document: PolicyDocument,
  offer: Offer,
  alsoSee: (tick: SolvedTick) => void = () => undefined,
  counters = new Counters(),
  leads = true,
): World {
  const archive = archiveHere(folder)
  const loop: Loop = new Loop({
    document,
    offer,
    leads,
    onTick: (tick) => {
      recorder.see(tick)
      alsoSee(tick)
    },
  })
  const recorder = new Recorder({ archive, clock: loop.clock, log, counters, bound: BOUND })
  // Five minutes pass here in milliseconds: what is slow by the world's clock alone would lose slots (recorder.ts).
  const step = loop.step.bind(loop)
  loop.step = async () => {
    await step()
    await recorder.written()
  }
  return { loop, recorder, archive }
}

/** Uneven, seeded, and more than there is around noon. */
export function daily(tickSeconds: number, upstream: number, busy = 1.4): Offer {
  return (flow, tick) => {
    const own = /^inst-(\d+)\/internet\/(down|up)/.exec(flow)
    if (!own) return 0
    const k = Number(own[1])
    const hour = ((tick * tickSeconds) / 3_600) % 24
    const day = 0.3 + 0.7 * Math.max(0, Math.sin(((hour - 6) / 12) * Math.PI))
    const noise = ((Math.imul(tick + 1, 2_654_435_761) ^ Math.imul(k + 1, 40_503)) >>> 16) / 65_536
    const share = ((k + 1) / 21) * (flow.includes('@') ? 0.5 : 1)
    return upstream * busy * day * share * (0.8 + 0.4 * noise) * (own[2] === 'down' ? 1 : 0.2)
  }
}
