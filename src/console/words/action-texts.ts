// What somebody may do from anywhere, as it is found by letters.

import type { Text } from './texts.js'

export const ACTIONS = {
  freeze: ['Freeze the policy', 'Sitisha mabadiliko ya sera'],
  unfreeze: ['Lift the freeze', 'Ruhusu mabadiliko tena'],
  acknowledge: ['Acknowledge an alarm', 'Kiri kuwa tahadhari imeonekana'],
  change: ['Change the policy: try, save, propose', 'Badilisha sera: jaribu, hifadhi, pendekeza'],
  importSheet: ['Import a sheet', 'Ingiza jedwali'],
  order: ['Order several edges together', 'Amuru malango kadhaa kwa pamoja'],
  ask: ['Ask the planner', 'Uliza kuhusu mipango'],
  account: ['Password and second factor', 'Nenosiri na uthibitisho wa pili'],
} as const satisfies Record<string, Text>
