// What the page of webhooks and gateway accounts says.

import type { Text } from './texts.js'

export const TOLD = {
  how: [
    'Alarms are posted to these addresses, signed with a secret shown once. The settings say which hosts.',
    'Tahadhari hutumwa kwenye anwani hizi, zikiwa na saini ya siri. Mipangilio husema seva zipi huruhusiwa.',
  ],
  webhooks: ['Where alarms are told', 'Tahadhari zinakotumwa'],
  none: ['Nobody is told yet.', 'Hakuna anayeambiwa bado.'],
  url: ['Address', 'Anwani'],
  severity: ['From', 'Kuanzia'],
  regions: ['Regions (ids; empty: all)', 'Mikoa (vitambulisho; wazi: yote)'],
  state: ['State', 'Hali'],
  delivered: ['Last delivered', 'Ilifika mwisho'],
  waiting: ['Waiting', 'Zinazosubiri'],
  error: ['Last error', 'Kosa la mwisho'],
  add: ['Add an address', 'Ongeza anwani'],
  added: [
    'It is told from now on; its secret is shown once.',
    'Itaambiwa kuanzia sasa; siri yake inaonyeshwa mara moja.',
  ],
  try: ['Try it', 'Jaribu'],
  reached: ['It has answered.', 'Imejibu.'],
  rotate: ['New secret', 'Siri mpya'],
  rotated: ['The old secret signs nothing any more.', 'Siri ya zamani haisaini tena.'],
  remove: ['Remove', 'Ondoa'],
  removed: ['Nobody is told there any more.', 'Hakuna anayeambiwa hapo tena.'],
  gateways: ['Accounts of gateways', 'Akaunti za malango'],
  gatewaysHow: [
    'A gateway joins by a line that is shown once, and has an account of its own; without one it reaches no store.',
    'Lango hujiunga kwa mstari unaoonyeshwa mara moja, na lina akaunti yake; bila hiyo halifiki hifadhi.',
  ],
  noGateways: ['No gateway has an account yet.', 'Hakuna lango lenye akaunti bado.'],
  since: ['Since', 'Tangu'],
  invited: ['invited', 'limealikwa'],
  active: ['has joined', 'limejiunga'],
  invite: ['Invite a gateway', 'Alika lango'],
  which: ['Edge (id)', 'Lango (kitambulisho)'],
  over: ['Over', 'Kupitia'],
  inviteDone: ['Run the line on the gateway.', 'Endesha mstari huo kwenye lango.'],
  renew: ['End its secrets, invite it anew', 'Futa siri zake, lialike upya'],
  replace: ['Its box is replaced', 'Kifaa chake kinabadilishwa'],
  replaced: ['The next agent that speaks as it takes its place.', 'Wakala ajaye kwa jina lake atachukua nafasi.'],
  endAccount: ['End its account', 'Futa akaunti yake'],
  accountEnded: ['Its account and sessions have ended.', 'Akaunti na vipindi vyake vimefutwa.'],
} as const satisfies Record<string, Text>
