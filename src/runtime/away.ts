// Why a store or a controller is away, for whoever stands at the box: what it is, and where to look. Libraries say
// "write EPIPE" and "certificate is not yet valid" of things that are mended at different ends of a country.
//
// TLS also fails where the clock of this machine is wrong, and then blames the server. Nobody can hold a certificate
// before it was made: where ours, or that of the authority we trust, begins in the future, it is the clock.

import type { UnixMilliseconds } from '../model/units.js'
import { readableIn } from './certificates.js'
import { MizaniError, messageOf } from './errors.js'

export type AwayKind =
  | 'EARLY'
  | 'EXPIRED'
  | 'UNTRUSTED'
  | 'OWN_EXPIRED'
  | 'CLOCK'
  | 'PASSWORD'
  | 'REFUSED'
  | 'UNREACHABLE'
  | 'OTHER'

export interface Away {
  readonly kind: AwayKind
  readonly reason: string
  readonly advice: string
}

export interface AwayFrom {
  /** Of what is spoken to: host and port. */
  readonly place: string
  readonly now: UnixMilliseconds
  /** PEM of who vouches for it; null: whom this machine trusts. */
  readonly ca: string | null
  /** PEM of the certificate that we show; null: none. */
  readonly own: string | null
}

const UNTRUSTED =
  /^(ERR_TLS_CERT_ALTNAME_INVALID|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+)$/
const UNREACHABLE = /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|ENOTFOUND|EAI_AGAIN)$/
/** Of a connection that was there, or was hoped for; by the texts of ioredis and ours, which have no code. */
const SILENT = /^(Socket timeout|Command timed out|no answer|no connection within|connect ETIMEDOUT)/

/** What an error of a connection means. */
export function awayReason(error: unknown, { place, now, ca, own }: AwayFrom): Away {
  const [code, text, refused] = rootOf(error)
  if (code === 'ECONNREFUSED')
    return {
      kind: 'REFUSED',
      reason: `${place} refuses connections: nothing listens there`,
      advice: 'Is it running, and is this its address and port? A firewall may refuse too.',
    }
  if (UNREACHABLE.test(code) || SILENT.test(text))
    return {
      kind: 'UNREACHABLE',
      reason: `${place} is not reached: ${text}`,
      advice: 'Look at the line, the route and the firewalls on the way (ping, ip route get).',
    }
  if (refused || /^(WRONGPASS|NOAUTH)\b/.test(text))
    return {
      kind: 'PASSWORD',
      reason: `${place} does not take the password or token of this edge`,
      advice: 'Make a new line (mizani edge-user rotate EDGE) and paste it at `mizani edge join`.',
    }
  return aboutTls(code, text, { place, now, ca, own })
}

function aboutTls(code: string, text: string, { place, now, ca, own }: AwayFrom): Away {
  const owns = readableIn(own ?? '')
  const from = [...readableIn(ca ?? ''), ...owns].map(({ validFrom }) => Date.parse(validFrom))
  const latest = Math.max(...from)
  if (latest > now)
    return {
      kind: 'CLOCK',
      reason: `the clock here is wrong: it says ${utc(now)}, but a certificate here was made ${utc(latest)}`,
      advice: 'Set it (timedatectl), and see that it is kept right: TLS needs it.',
    }
  const ownEnd = owns[0] === undefined ? null : Date.parse(owns[0].validTo)
  if (ownEnd !== null && ownEnd <= now)
    return {
      kind: 'OWN_EXPIRED',
      reason: `the certificate that this edge shows to ${place} has expired at ${utc(ownEnd)}`,
      advice: 'Put a new one in its file; the agent reads it at the next connection.',
    }
  if (code === 'CERT_NOT_YET_VALID')
    return {
      kind: 'EARLY',
      reason: `the certificate of ${place} is not valid yet; the clock here says ${utc(now)}`,
      advice: 'Which clock is wrong, this one or that of who made the certificate?',
    }
  if (code === 'CERT_HAS_EXPIRED')
    return {
      kind: 'EXPIRED',
      reason: `the certificate of ${place} has expired; the clock here says ${utc(now)}`,
      advice: 'It is renewed there, not here.',
    }
  if (UNTRUSTED.test(code))
    return {
      kind: 'UNTRUSTED',
      reason: `the certificate of ${place} is none that this edge trusts: ${text}`,
      advice: 'Another server may answer there, or it has a new authority: ask its people for a new line.',
    }
  return {
    kind: 'OTHER',
    reason: `${place}: ${text}`,
    advice: 'The edge goes on by its memory, then by its safe rates.',
  }
}

/** Code and text of what happened first, and whether somebody was there who does not let us in. */
function rootOf(error: unknown): readonly [code: string, text: string, refused: boolean] {
  let root = error
  while (root instanceof Error && root.cause !== undefined && root.cause !== null) root = root.cause
  // Several addresses were tried: the first says as much as any.
  if (root instanceof AggregateError && root.errors.length > 0) root = root.errors[0]
  const { code } = (root ?? {}) as { readonly code?: unknown }
  const refused = error instanceof MizaniError && error.code === 'STORE_REFUSED'
  return [typeof code === 'string' ? code : '', messageOf(root), refused]
}

const utc = (at: UnixMilliseconds): string => `${new Date(at).toISOString().slice(0, 19)}Z`
