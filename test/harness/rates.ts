// A controller's side of a real volatile store, as main.ts puts it together.

import { type RatesStore, ratesStore } from '../../src/publish/rates-store.js'
import { systemClock } from '../../src/runtime/clock.js'
import { createLogger, type Logger } from '../../src/runtime/log.js'
import { connect, untilReady } from '../../src/runtime/redis.js'
import type { Ending } from './place.js'

export type OpenRates = RatesStore & { ready(): Promise<void> }
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
  return { ...ratesStore(redis, subscriber, plane, systemClock, log), ready }
}
