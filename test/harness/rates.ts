// A controller's side of a real volatile store, as main.ts puts it together.

import type { Milliseconds } from '../../src/model/units.js'
import { type RatesStore, ratesStore } from '../../src/publish/rates-store.js'
import { systemClock } from '../../src/runtime/clock.js'
import { createLogger, type Logger } from '../../src/runtime/log.js'
import { connect, untilReady } from '../../src/runtime/redis.js'
import type { Ending } from './place.js'

export interface OpenRates extends RatesStore {
  ready(): Promise<void>
  /** How long an answer is waited for, from the next command on. */
  patience(answer: Milliseconds): void
}
const SILENT = createLogger('test', 'silent')

export async function openRates(t: Ending, url: string, plane: string, log: Logger = SILENT): Promise<OpenRates> {
  const redis = connect(url, 'controller', { log, random: () => 0 })
  const subscriber = connect(url, 'controller-subscriber', { random: () => 0 })
  t.teardown(() => {
    redis.disconnect()
    subscriber.disconnect()
  })
  const ready = () => untilReady(redis, 5_000)
  await ready()
  const patience = (answer: Milliseconds): void => {
    redis.options.commandTimeout = answer
  }
  return { ...ratesStore(redis, subscriber, plane, systemClock, log), ready, patience }
}
