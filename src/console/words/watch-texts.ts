// What the pages of alarms, of the trail and on the wall say, and their sentences with figures.

import type { Lang } from '../page-data.js'
import type { Text } from './texts.js'

export const WATCH = {
  lasting: ['What lasts', 'Zinazoendelea'],
  nothingLasts: [
    'No alarm: all that is watched is as it should be.',
    'Hakuna tahadhari: vyote vinavyoangaliwa viko sawa.',
  ],
  over: ['What is over', 'Zilizoisha'],
  nothingOver: ['None of these is over yet.', 'Hakuna iliyoisha kati ya hizi.'],
  severity: ['How bad', 'Ukubwa'],
  kind: ['Kind', 'Aina'],
  alarm: ['Alarm', 'Tahadhari'],
  began: ['Since', 'Tangu'],
  ended: ['Until', 'Hadi'],
  seenBy: ['Seen by', 'Ameona'],
  note: ['Note', 'Maelezo'],
  missed: ['Who missed what while it lasted', 'Waliopungukiwa wakati wake'],
  nobodyMissed: [
    'Nobody whom it concerns missed anything that was recorded.',
    'Kwa mujibu wa rekodi hakuna anayehusika aliyepungukiwa.',
  ],
  minutes: ['Below the guarantee', 'Chini ya kiwango cha uhakika'],
  megabits: ['Missing, Mbit', 'Pungufu, Mbit'],
  concerns: ['It concerns', 'Inahusu'],
  allAlarms: ['All alarms', 'Tahadhari zote'],
  trailHow: [
    'Every write, every attempt at one, and every reading of what is confidential, the newest first. Nothing can be ' +
      'taken out unseen.',
    'Kila badiliko, kila jaribio, na kila usomaji wa yaliyo siri, la karibuni kwanza. Hakuna kinachoweza kuondolewa ' +
      'bila kuonekana.',
  ],
  actor: ['Who', 'Nani'],
  action: ['Did what', 'Alifanya nini'],
  subject: ['To what', 'Kwa nini'],
  outcome: ['Outcome', 'Matokeo'],
  done: ['done', 'limefanyika'],
  refused: ['refused', 'limekataliwa'],
  unknown: ['not known', 'halijulikani'],
  anywhere: ['Anywhere in it', 'Popote ndani yake'],
  from: ['From', 'Kuanzia'],
  until: ['Until', 'Hadi'],
  search: ['Search', 'Tafuta'],
  details: ['Details', 'Undani'],
  beforeIt: ['Before', 'Kabla'],
  afterIt: ['After', 'Baada'],
  reference: ['Reference', 'Rejea'],
  request: ['Request', 'Ombi'],
  way: ['By way of', 'Kwa njia ya'],
  older: ['Older', 'Za zamani zaidi'],
  newest: ['The newest', 'Za karibuni'],
  verify: ['Verify the trail', 'Thibitisha kumbukumbu'],
  verifying: ['It is being followed …', 'Inafuatiliwa …'],
  purge: ['Take out what is not fit for the trail', 'Ondoa yasiyofaa kwenye kumbukumbu'],
  purged: ['It is taken out.', 'Yameondolewa.'],
  exportAll: ['Export all of it', 'Hamisha zote kwenye faili'],
  exported: ['It is in a file: audit.jsonl.', 'Zipo kwenye faili: audit.jsonl.'],
  trim: ['Ask to cut off what was exported', 'Omba kukata zilizohamishwa'],
  trimAsked: ['It waits for an approver, for a day.', 'Ombi linamsubiri mwidhinishaji kwa siku moja.'],
  agreeTrim: ['Agree: cut it off', 'Kubali: zikatwe'],
  trimmed: ['It is cut off.', 'Zimekatwa.'],
  trimHow: [
    'What was exported is cut off by two people: whoever has exported it asks, an approver agrees; a checkpoint stays.',
    'Zilizohamishwa hukatwa na watu wawili: aliyehamisha huomba, mwidhinishaji hukubali; alama ya mwisho hubaki.',
  ],
  age: ['Age of the data', 'Umri wa taarifa'],
  allIsWell: ['Nobody is short, and no alarm lasts.', 'Hakuna aliyepungukiwa, na hakuna tahadhari.'],
  short: [
    'Short, the worst first; both directions together',
    'Waliopungukiwa, zaidi kwanza; kupakua na kupakia kwa pamoja',
  ],
  tightLinks: ['Links that keep somebody short', 'Viungo vinavyosababisha upungufu'],
  notFresh: ['Edges that are not fresh', 'Malango yasiyo hai'],
  below: ['below guarantee', 'chini ya uhakika'],
  leaveWall: ['Leave the wall', 'Toka kwenye skrini ya ukuta'],
  keepKnown: ['Keep what is known', 'Baki na yanayojulikana'],
  keptKnown: ['What was known is in the store', 'Yaliyojulikana yamo kwenye hifadhi'],
  takeStored: ['Take what the store holds', 'Chukua yaliyomo kwenye hifadhi'],
  tookStored: ['What the store holds is in force', 'Yaliyomo kwenye hifadhi yanatumika'],
} as const satisfies Record<string, Text>

interface Verdict {
  readonly ok: boolean
  readonly entries: number
  readonly signed: number
  readonly redacted: number
  readonly head: { readonly n: number; readonly hash: string }
  readonly fault: { readonly n: number; readonly code: string; readonly detail: string } | null
}

/** Whether the trail is as it was written. */
export function verdictSaid(lang: Lang, { ok, entries, signed, redacted, head, fault }: Verdict): string {
  const hash = head.hash.slice(0, 12)
  if (ok || fault === null)
    return lang === 'en'
      ? `The trail is whole: ${entries} ${entries === 1 ? 'entry' : 'entries'}, ${signed} signed, ` +
          `${redacted} with secrets taken out; ` +
          `it ends with entry ${head.n}, ${hash}…. Compare this end with what was told to the outside.`
      : `Kumbukumbu ni kamili: ${entries === 1 ? 'ingizo' : 'maingizo'} ${entries}, yaliyosainiwa ${signed}, ` +
          `yaliyoondolewa siri ${redacted}; ` +
          `ingizo la mwisho ni ${head.n}, ${hash}…. Linganisha mwisho huu na uliotumwa nje.`
  return lang === 'en'
    ? `The trail is not what was written: entry ${fault.n} (${fault.code}): ${fault.detail}`
    : `Kumbukumbu si kama ilivyoandikwa: ingizo ${fault.n} (${fault.code}): ${fault.detail}`
}

interface TrimAsked {
  readonly n: number
  readonly by: string
  readonly reason: string
  /** In words. */
  readonly until: string
}

export const trimSaid = (lang: Lang, { n, by, reason, until }: TrimAsked): string =>
  lang === 'en'
    ? `${by} has exported the trail up to entry ${n} and asks to cut it off: ${reason}. ` +
      `An approver may agree until ${until}.`
    : `${by} amehamisha kumbukumbu hadi ingizo ${n} na anaomba zikatwe: ${reason}. ` +
      `Mwidhinishaji anaweza kukubali hadi ${until}.`

export const purgedSaid = (lang: Lang, entries: number): string =>
  lang === 'en'
    ? `Taken out of ${entries} ${entries === 1 ? 'entry' : 'entries'}.`
    : `Yameondolewa kwenye ${entries === 1 ? 'ingizo' : 'maingizo'} ${entries}.`

/** "3 s", "12 min", "26 h 5 min", large on a wall. */
export function ageSaid(lang: Lang, milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000))
  if (seconds < 120) return lang === 'en' ? `${seconds} s` : `sek ${seconds}`
  const minutes = Math.round(seconds / 60)
  const [hours, rest] = minutes < 120 ? [0, minutes] : [Math.floor(minutes / 60), minutes % 60]
  const said = lang === 'en' ? [`${hours} h`, `${rest} min`] : [`saa ${hours}`, `dak ${rest}`]
  return said.filter((_, i) => (i === 0 ? hours > 0 : rest > 0 || hours === 0)).join(' ')
}
