// Hears from the kernel when somebody changes what is ours, as long as the driver is watched: one `nft monitor` for our
// tables, one `tc monitor` for queues, classes and filters, one `ip monitor` for the interfaces. A firewall that is
// loaded anew flushes what it finds, `tc qdisc del` takes all limits of an interface away, and a line that is dialled
// anew is an interface without a queue: each would limit nobody until the next look. What our own changes of tables
// say is heard as well and costs one look that finds nothing to do; of classes there are many, so while the driver is
// at work, and just after, only what is deleted counts.
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

export interface Watched {
  /** As nft calls them, without their family. */
  readonly tables: readonly string[]
  readonly devices: readonly string[]
  /** Whether the driver changes queues itself at this moment. */
  readonly isOwn: () => boolean
}

interface Hearers {
  changed(what: string): void
  /** An interface has changed: what was refused may be taken now. */
  again(): void
}

/** Returns what ends it. */
export function monitorKernel(
  { tables, devices, isOwn }: Watched,
  { changed, again }: Hearers,
  around: Around,
): () => void {
  const ofTables = (text: string): boolean => tables.some((table) => text.split(' ', 4).includes(table))
  // "7: ppp0: <...", "Deleted 7: ppp0: <...", "7: wan0@if6: <..."
  const ofDevices = (text: string): boolean => devices.includes(/^(?:Deleted )?\d+: ([^:@\s]+)/.exec(text)?.[1] ?? '')
  // "deleted qdisc htb 1: dev lan0 root …", "class htb 1:4a dev lan0 parent …", "filter dev lan0 parent …"
  const ofQueues = (text: string): boolean => {
    const [, deleted, device] = /^(deleted )?(?:qdisc|class|filter) .*?\bdev (\S+)/.exec(text) ?? []
    return device !== undefined && devices.includes(device) && (deleted !== undefined || !isOwn())
  }
  const ends = [
    monitor(['nft', 'monitor'], ofTables, changed, around),
    monitor(['ip', '-o', 'monitor', 'link'], ofDevices, again, around),
    monitor(['tc', 'monitor'], ofQueues, changed, around),
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
