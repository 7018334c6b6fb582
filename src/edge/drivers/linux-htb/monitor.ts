// Hears from the kernel when somebody changes what is ours, as long as the driver is watched: one `nft monitor` for our
// tables, one `ip monitor` for the interfaces. A firewall that is loaded anew flushes what it finds, and a line that is
// dialled anew is an interface without a queue: both would limit nobody until the next look. What our own changes say
// is heard as well and costs one look that finds nothing to do.
//
// Where one cannot run, or ends, it is begun again, later each time; changes are then found by looking. Neither says
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
export function monitorKernel(
  { tables, devices }: { readonly tables: readonly string[]; readonly devices: readonly string[] },
  changed: (what: string) => void,
  around: Around,
): () => void {
  const ofTables = (text: string): boolean => tables.some((table) => text.split(' ', 4).includes(table))
  // "7: ppp0: <...", "Deleted 7: ppp0: <...", "7: wan0@if6: <..."
  const ofDevices = (text: string): boolean => devices.includes(/^(?:Deleted )?\d+: ([^:@\s]+)/.exec(text)?.[1] ?? '')
  const ends = [
    monitor(['nft', 'monitor'], ofTables, changed, around),
    monitor(['ip', '-o', 'monitor', 'link'], ofDevices, changed, around),
  ]
  return () => {
    for (const end of ends) end()
  }
}

function monitor(
  tool: readonly string[],
  isOurs: (text: string) => boolean,
  changed: (what: string) => void,
  { follow, netns, clock, log }: Around,
): () => void {
  const [command, ...args] = netns === undefined ? tool : ['ip', 'netns', 'exec', netns, ...tool]
  let stop = (): void => {}
  let settling: Timer | null = null
  let next: Timer | null = null
  let pause = FIRST_PAUSE
  let ended = false

  const line = (text: string): void => {
    pause = FIRST_PAUSE
    if (settling || !isOurs(text)) return
    settling = clock.setTimer(SETTLE, () => {
      settling = null
      changed(text)
    })
  }
  const begin = (): void => {
    next = clock.setTimer(LISTENING, () => changed(`${tool.join(' ')} was begun`))
    stop = follow(command!, args, {
      line,
      ended(why) {
        if (ended) return
        next?.cancel()
        log.debug({ why, again: pause, tool }, 'the monitor ended; changes are found by looking')
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
