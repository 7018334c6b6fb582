// Which busy hour a preview speaks of: a reader must see whether it was measured, when, and how much of it.

import { type BusyHourBasis, SLOTS_AN_HOUR } from '../../model/preview.js'

const HOUR = 3_600_000

const RECORDED = { en: 'recorded on', sw: 'iliyorekodiwa' }
const IMPORTED = {
  en: 'modelled, and held to what was imported of links on',
  sw: 'ya mfano, ikilinganishwa na vipimo vilivyoingizwa vya viungo vya',
}

export function busyHourInWords({ source, from, slots, timezone }: BusyHourBasis): { en: string; sw: string } {
  if (from === null)
    return {
      en: 'modelled, not measured: an office day at its busiest; no full working day of the last seven is recorded yet',
      sw:
        'ya mfano, haikupimwa: siku ya kazi wakati wa matumizi makubwa zaidi; bado hakuna siku kamili ya kazi ' +
        'iliyorekodiwa katika siku saba zilizopita',
    }
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit' })
  const day = (language: string): string =>
    new Intl.DateTimeFormat(language, { timeZone: timezone, dateStyle: 'full' }).format(from)
  const what = source === 'imported' ? IMPORTED : RECORDED
  const [start, end] = [clock.format(from), clock.format(from + HOUR)]
  return {
    en:
      `${what.en} ${day('en-GB')}, ${start} to ${end} (${timezone}), ` +
      `${slots} of its ${SLOTS_AN_HOUR} five-minute slots`,
    sw:
      `${what.sw} ${day('sw')}, ${start} hadi ${end} (${timezone}), ` +
      `vipindi vya dakika tano: ${slots} kati ya ${SLOTS_AN_HOUR}`,
  }
}
