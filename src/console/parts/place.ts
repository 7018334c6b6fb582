// Where somebody is who goes by keys.

import { after } from '../clock.js'

/** Once it is drawn: where what had the focus is gone with what was done, they go on at the page, not at its top. */
export function keepPlace(): void {
  after(0, () => {
    if (document.activeElement === document.body) document.getElementById('main')?.focus({ preventScroll: true })
  })
}
