// Hears from the kernel when somebody changes our tables: one `nft monitor` that runs as long as the driver is watched.
// A firewall that is loaded anew flushes what it finds, and everybody would be unmapped until the next look. What our
// own changes say is heard as well and costs one look that finds nothing to do.
//
// Where it cannot run, or ends, it is begun again, later each time; changes are then found by looking. nft does not say
// from when on it hears, so whenever it was begun there is one more look: what was changed before that is found by it.

import type { Milliseconds } from '../../../model/units.js'
import type { Clock, Timer } from '../../../runtime/clock.js'
import type { Logger } from '../../../runtime/log.js'
import type { Follow } from './exec.js'

/** A transaction comes line by line: its end is waited for. */
const SETTLE: Milliseconds = 100
/** After this it hears, on a machine that is busy too. */
const LISTENING: Milliseconds = 1_000
const FIRST_PAUSE: Milliseconds = 1_000
const LAST_PAUSE: Milliseconds = 60_000

interface Around {
  readonly follow: Follow
  readonly netns: string | undefined
  readonly clock: Clock
  readonly log: Logger
}

/** `tables` as nft calls them, without their family. Returns what ends it. */
export function monitorTables(
  tables: readonly string[],
  changed: (what: string) => void,
  { follow, netns, clock, log }: Around,
): () => void {
  const nft = ['nft', 'monitor']
  const [command, ...args] = netns === undefined ? nft : ['ip', 'netns', 'exec', netns, ...nft]
  let stop = (): void => {}
  let settling: Timer | null = null
  let next: Timer | null = null
  let pause = FIRST_PAUSE
  let ended = false

  const line = (text: string): void => {
    pause = FIRST_PAUSE
    if (settling || !tables.some((table) => text.split(' ', 4).includes(table))) return
    settling = clock.setTimer(SETTLE, () => {
      settling = null
      changed(text)
    })
  }
  const begin = (): void => {
    next = clock.setTimer(LISTENING, () => changed('nft monitor was begun'))
    stop = follow(command!, args, {
      line,
      ended(why) {
        if (ended) return
        next?.cancel()
        log.debug({ why, again: pause }, 'nft monitor ended; changes of the packet filter are found by looking')
        next = clock.setTimer(pause, begin)
        pause = Math.min(LAST_PAUSE, pause * 2)
      },
    })
  }
  begin()

  return () => {
    ended = true
    settling?.cancel()
    next?.cancel()
    stop()
  }
}
