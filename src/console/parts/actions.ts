// What may be done, for whoever finds it by letters: what the page before them has a button for, what stands beside
// every page, and some that are done elsewhere. Finding is not doing: a button is pressed as a hand would press it, and
// whatever asks for a reason or a second look asks for it then.

import type { Role } from '../../model/principal.js'
import { after } from '../clock.js'
import type { Store } from '../store.js'
import { ACTIONS } from '../words/action-texts.js'
import type { Text } from '../words/texts.js'

export interface Action {
  readonly kind: 'act'
  readonly name: string
  /** What tells it from others. */
  readonly address: string
  run(): void
}

interface Elsewhere {
  readonly name: Text
  readonly address: string
  /** Absent: the page itself is where it is done. */
  readonly press?: string
  readonly roles: readonly Role[]
}

const HERE = '#board button[id]:not([disabled]), .person button[id], #lang'
const LOOKS = 50
const MOST_LOOKS = 100

const elsewhere = (isFrozen: boolean): readonly Elsewhere[] => [
  isFrozen
    ? { name: ACTIONS.unfreeze, address: '/emergency', roles: ['operator'] }
    : { name: ACTIONS.freeze, address: '/emergency', press: '#freeze', roles: ['operator'] },
  { name: ACTIONS.acknowledge, address: '/alarms', press: '#board .alarm button', roles: ['operator'] },
  { name: ACTIONS.change, address: '/policy', roles: ['operator'] },
  { name: ACTIONS.importSheet, address: '/import', roles: ['operator', 'engineer'] },
  { name: ACTIONS.order, address: '/edges', press: '#board summary', roles: ['engineer'] },
  { name: ACTIONS.ask, address: '/planner', roles: ['planner'] },
  { name: ACTIONS.account, address: '/me', roles: [] },
]

/** Those that have the letters in their names. */
export function actionsNamed(store: Store, text: string): Action[] {
  const wanted = text.trim().toLowerCase()
  const { say } = store.words.value
  const path = store.shown.value.address.whole.split('?', 1)[0]
  const here = [...document.querySelectorAll<HTMLElement>(HERE)].map(({ id, textContent }): Action => {
    const press = `#${id}`
    return { kind: 'act', name: textContent?.trim() ?? '', address: press, run: () => pressSoon(press, () => true) }
  })
  const far = elsewhere((store.status.value?.freeze ?? null) !== null)
    .filter(({ roles }) => roles.length === 0 || store.may(...roles))
    .filter(({ address, press }) => press === undefined || address !== path)
    .map(({ name, address, press }): Action => {
      const run = (): void => {
        store.go(address)
        if (press !== undefined) pressSoon(press, () => store.shown.value.address.whole === address)
      }
      return { kind: 'act', name: say(name), address: `${address} ${press ?? ''}`, run }
    })
  return [...here, ...far].filter(({ name }) => name.toLowerCase().includes(wanted))
}

/** When what lies over the page is gone, and the page is there; a page that does not come is not waited for. */
function pressSoon(selector: string, isThere: () => boolean, looks = MOST_LOOKS): void {
  after(LOOKS, () => {
    const found = isThere() ? document.querySelector<HTMLElement>(selector) : null
    found?.focus()
    found?.click()
    if (found === null && looks > 0) pressSoon(selector, isThere, looks - 1)
  })
}
