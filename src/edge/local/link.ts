// The way to the rates as an engineer at the box sees it: why nothing comes, and when the certificate that this edge
// shows will end. Nobody else looks at that date: the controller knows its own.

import type { Milliseconds, UnixMilliseconds } from '../../model/units.js'
import type { Away } from '../../runtime/away.js'
import { expiryWarning } from '../../runtime/certificates.js'
import type { Clock, Timer } from '../../runtime/clock.js'
import { messageOf } from '../../runtime/errors.js'
import type { Logger } from '../../runtime/log.js'
import type { EdgeTransport } from '../transport.js'

const LOOK_AGAIN: Milliseconds = 3_600_000

export interface Link {
  /** Null: something comes, or nobody knows why not. */
  readonly away: Away | null
  /** What is to be done about our certificate; null: nothing. */
  readonly certificate: string | null
}

export const linkOf = (transport: EdgeTransport, now: UnixMilliseconds): Link => ({
  away: transport.whyAway?.() ?? null,
  certificate: certificateWarning(transport, now),
})

function certificateWarning(transport: EdgeTransport, now: UnixMilliseconds): string | null {
  try {
    const own = transport.ownCertificate?.() ?? null
    return own && expiryWarning(`The certificate of this edge (${own.file})`, own.end, now)
  } catch (error) {
    return messageOf(error)
  }
}

/** Says it in the log now and every hour, until it is cancelled: files are renewed under an agent that runs. */
export function watchCertificate(transport: EdgeTransport, { clock, log }: { clock: Clock; log: Logger }): Timer {
  let timer = look()
  return { cancel: () => timer.cancel() }

  function look(): Timer {
    const warning = certificateWarning(transport, clock.wall())
    if (warning !== null) log.warn(warning)
    return clock.setTimer(LOOK_AGAIN, () => {
      timer = look()
    })
  }
}
