// Why a flow has the rate that it has, as its edge is told it: so that who stands at the box can say what the
// controller would say, with the controller away. No demand stands here, for that moves with every tick.

import type { LimitedBy } from './explanation.js'
import type { Text } from './network.js'
import type { LaidBy } from './plan.js'
import { type BitsPerSecond, formatRate, type UnixMilliseconds } from './units.js'

/** A limit that a flow of the edge has run into; a flow of which there is none gets what it asks for. */
export interface Reason extends LimitedBy {
  /** Persistent numbers of the flow: see FlowRecordKey. */
  readonly institution: number
  readonly service: number
  readonly direction: 0 | 1
  readonly since: UnixMilliseconds
  /** What was laid over the policy and made the flow's own limit what it is; null: the policy does. */
  readonly behind: LaidBy | null
}

/** What the policy promises a flow, and up to what it may have. */
export interface Promised {
  readonly guarantee: BitsPerSecond
  readonly ceiling: BitsPerSecond
}

/**
 * The reason as it can be read to a caller, the same words at the box and at the controller. Times are UTC: a box has
 * no zone of its own.
 * @param reason null: nothing limits it; @param promised null: the edge was not told
 */
export function reasonInWords(reason: Reason | null, promised: Promised | null): Text {
  const cause = reason === null ? NOTHING : causeOf(reason)
  const since =
    reason === null ? '' : new Date(Math.floor(reason.since / 1_000) * 1_000).toISOString().replace('.000', '')
  const [en, sw] = promised === null ? ['', ''] : promisedInWords(promised)
  return {
    en: `${cause.en}${since === '' ? '' : `, since ${since}`}.${en}`,
    sw: `${cause.sw}${since === '' ? '' : `, tangu ${since}`}.${sw}`,
  }
}

const promisedInWords = ({ guarantee, ceiling }: Promised): readonly [string, string] => [
  ` Guarantee ${formatRate(guarantee)}, ceiling ${formatRate(ceiling)}.`,
  ` Kiwango cha uhakika ${formatRate(guarantee)}, kikomo ${formatRate(ceiling)}.`,
]

const NOTHING: Text = { en: 'Nothing limits it', sw: 'Hakuna kikomo kilichofikiwa' }

const LAYER: Readonly<Record<LaidBy['kind'], Text>> = {
  schedule: { en: 'the schedule', sw: 'ratiba' },
  mode: { en: 'the mode', sw: 'hali' },
  override: { en: 'the override', sw: 'badiliko la muda' },
}

function causeOf({ code, id, behind }: Reason): Text {
  switch (code) {
    case 'LINK':
      return { en: `The link ${id} is full`, sw: `Kiungo ${id} kimejaa` }
    case 'ENVELOPE':
      return { en: `The envelope ${id} has reached its ceiling`, sw: `Fungu ${id} limefika kikomo chake` }
    case 'OVERRIDE':
      return { en: `The override ${id} sets its ceiling`, sw: `Badiliko la muda ${id} linaweka kikomo chake` }
    case 'NO_PATH':
      return { en: 'No path is left for it', sw: 'Hakuna njia iliyobaki' }
    case 'CEILING':
      return behind === null
        ? { en: 'It has reached its ceiling', sw: 'Kikomo chake kimefikiwa' }
        : {
            en: `It has reached the ceiling that ${LAYER[behind.kind].en} ${behind.id} sets`,
            sw: `Kikomo kilichowekwa na ${LAYER[behind.kind].sw} ${behind.id} kimefikiwa`,
          }
    default:
      // Of a later release.
      return {
        en: `It is limited: ${code}${id === null ? '' : ` ${id}`}`,
        sw: `Kuna kikomo: ${code} ${id ?? ''}`.trim(),
      }
  }
}
