// What is said where a person shows once more that it is them.

import type { Text } from './texts.js'

export const IN_PERSON = {
  codeAgain: ['The code of your authenticator, once more', 'Namba ya uthibitisho kwenye kifaa chako, tena'],
  how: [
    'This is done in person: you show your second factor once more.',
    'Hili hufanywa na mtu mwenyewe: utaonyesha uthibitisho wa pili tena.',
  ],
} as const satisfies Record<string, Text>
