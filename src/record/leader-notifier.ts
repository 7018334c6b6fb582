// Which controller notifies people. Every controller of a plane watches and keeps its alarms; only the leader notifies
// people of them, so that nobody is told twice. A controller that becomes leader notifies of what began while it stood
// by and still lasts, because nobody knows whether the leader before it still came to that: rather twice than never.
// What somebody has acknowledged was told.

import type { WordedAlarm } from '../model/alarm.js'
import type { AlarmChange } from './alarm-book.js'

export type Notify = (change: AlarmChange, alarm: WordedAlarm) => void

export class LeaderNotifier {
  readonly #ways: readonly Notify[]
  /** Open alarms that began while another led, by id. */
  readonly #held = new Map<string, WordedAlarm>()
  #leads = false

  constructor(ways: readonly Notify[]) {
    this.#ways = ways
  }

  change(change: AlarmChange, alarm: WordedAlarm): void {
    if (this.#leads) for (const notify of this.#ways) notify(change, alarm)
    else if (change !== 'raised') this.#held.delete(alarm.id)
    else this.#held.set(alarm.id, alarm)
  }

  /** Said each tick. */
  lead(leads: boolean): void {
    this.#leads = leads
    if (!leads) return
    for (const alarm of this.#held.values()) this.change('raised', alarm)
    this.#held.clear()
  }
}
