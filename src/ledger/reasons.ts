// Why a month cannot be closed yet, and what of it is not recorded: whole sentences in both languages, each once.

import type { Text } from '../model/network.js'

const text = (en: string, sw: string): Text => ({ en, sw })

export const REASONS = {
  monthGoesOn: text('the month is not over', 'mwezi haujaisha'),
  contractGoesOn: (id: string) => text(`the month of contract ${id} is not over`, `mwezi wa mkataba ${id} haujaisha`),
  notNext: (last: string, next: string) =>
    text(`the month after ${last} is ${next}`, `mwezi unaofuata ${last} ni ${next}`),
  noPrice: (id: string) => text(`contract ${id} has no price`, `mkataba ${id} hauna bei`),
  notInPolicy: (id: string) =>
    text(
      `contract ${id} has an invoice or a correction and is not in the policy of the month`,
      `mkataba ${id} una ankara au sahihisho na haumo kwenye sera ya mwezi huo`,
    ),
  takenOut: (id: string) =>
    text(
      `contract ${id} was taken out of the policy in the month and has a price`,
      `mkataba ${id} uliondolewa kwenye sera ndani ya mwezi na una bei`,
    ),
  revisionsGone: text(
    'revisions of the policy in the month are not there any more',
    'matoleo ya sera ya mwezi huo hayapo tena',
  ),
  beforeRecord: text(
    'it is before the policy and before the record',
    'ni kabla ya sera na kabla ya kumbukumbu za matumizi',
  ),
  fewSlots: (contract: string, heard: number, slots: number) =>
    text(
      `of contract ${contract} ${heard} of ${slots} slots are recorded`,
      `kwa mkataba ${contract} vipimo ${heard} kati ya ${slots} vimerekodiwa`,
    ),
  silentLine: (line: string) => text(`nothing is recorded of ${line}`, `hakuna kilichorekodiwa cha ${line}`),
} as const

export const inEnglish = (reasons: readonly Text[]): string[] => reasons.map(({ en }) => en)
