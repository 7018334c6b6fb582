// What stands on the tab of the browser.

import type { Store } from './store.js'

export function titleOf({ status, shown, words }: Store): string {
  const { plane = '', demo = false } = status.value ?? {}
  return [words.value.say(shown.value.title), 'Mizani', plane, demo ? 'DEMO' : ''].filter(Boolean).join(' · ')
}
