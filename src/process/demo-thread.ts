// The thread of the simulated edges. It is no part of what a plane of real edges runs.

import { systemClock } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import { createLogger, type LogIdentity } from '../runtime/log.js'
import { thisThread } from '../runtime/thread.js'
import { DemoEdges } from './demo-edges.js'
import { type NetworkNews, networkOf, type ToldNetwork } from './demo-words.js'

/** What the thread is given when it starts. */
export interface DemoData {
  readonly plane: string
  readonly log: LogIdentity
}

export type Asked =
  | { readonly what: 'startAll'; readonly urls: ReadonlyMap<string, string> }
  | { readonly what: 'startEdge' | 'stopEdge'; readonly edge: string }
  | { readonly what: 'setLoad'; readonly institution: string; readonly factor: number }
  | { readonly what: 'stopAll' }

/** To the thread. */
export type ToDemo =
  | { readonly kind: 'network'; readonly news: NetworkNews }
  /** Answered under its name. */
  | { readonly kind: 'asked'; readonly name: number; readonly asked: Asked }

/** From the thread: whether there is such an edge, or institution; or why it could not be done. */
export interface FromDemo {
  readonly name: number
  readonly said: boolean | Error
}

const { data, tell, onMessage } = thisThread<FromDemo, ToDemo, DemoData>()
const urls = new Map<string, string>()
let network: ToldNetwork | null = null

const edges = new DemoEdges({
  plane: data.plane,
  network: () => network,
  usableOf: (link) => network?.usable[link] ?? 1,
  urls,
  clock: systemClock,
  log: createLogger(data.log.name, data.log.level),
})

async function done(asked: Asked): Promise<boolean> {
  switch (asked.what) {
    case 'startEdge':
      return edges.startEdge(asked.edge)
    case 'stopEdge':
      return edges.stopEdge(asked.edge)
    case 'setLoad':
      return edges.setLoad(asked.institution, asked.factor)
    case 'startAll':
      for (const [edge, url] of asked.urls) urls.set(edge, url)
      await edges.startAll()
      return true
    case 'stopAll':
      await edges.stopAll()
      return true
  }
}

onMessage((message) => {
  if (message.kind === 'network') {
    network = networkOf(message.news, network)
    return
  }
  const { name } = message
  done(message.asked).then(
    (said) => tell({ name, said }),
    (error: unknown) => tell({ name, said: error instanceof Error ? error : new Error(messageOf(error)) }),
  )
})
