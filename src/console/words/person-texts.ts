// What is said to whoever signs in, or is signed in.

import type { Text } from './texts.js'

export const PERSON = {
  signIn: ['Sign in', 'Ingia'],
  signInHow: [
    'With name and password. Nobody has an account yet? Open the link in the file first-sign-in of the data folder.',
    'Kwa jina na nywila. Hakuna akaunti bado? Fungua kiungo kilicho kwenye faili first-sign-in la folda ya data.',
  ],
  first: ['Make the first administrator', 'Unda msimamizi wa kwanza'],
  firstHow: [
    'Choose a name (small letters) and a password of at least 12 characters. This link works once.',
    'Chagua jina (herufi ndogo) na nywila yenye herufi 12 au zaidi. Kiungo hiki hufanya kazi mara moja.',
  ],
  user: ['Name', 'Jina'],
  password: ['Password', 'Nywila'],
  again: ['The same password once more', 'Nywila hiyo hiyo tena'],
  notTheSame: [
    'The two passwords differ, so nothing was done. Type both again.',
    'Nywila hizo mbili hazifanani, kwa hiyo hakuna kilichofanyika. Ziandike tena zote mbili.',
  ],
  code: ['The code of your authenticator', 'Namba ya uthibitisho kwenye kifaa chako'],
  notTheCode: [
    'This is not the code now, or it was used: wait for the next one.',
    'Namba hii si sahihi sasa, au imeshatumika: subiri inayofuata.',
  ],
  recoveryCode: [
    'Is the device lost? Type one of the codes that you wrote down.',
    'Kifaa kimepotea? Andika moja ya namba ulizoandika kando.',
  ],
  byPasskey: ['Sign in with a passkey', 'Ingia kwa ufunguo wa kifaa'],
  thenPasskey: ['With a passkey instead', 'Au kwa ufunguo wa kifaa'],
  addPasskey: ['Add a passkey', 'Ongeza ufunguo wa kifaa'],
  noPasskey: ['This passkey was not taken.', 'Ufunguo huu wa kifaa haukukubaliwa.'],
  secondFactor: ['Your second factor', 'Uthibitisho wako wa pili'],
  keepCodes: [
    'For the day the device is lost, each works once. They are shown this once: write them down and lock them away.',
    'Kwa siku ambayo kifaa kitapotea; kila moja hutumika mara moja. Zinaonyeshwa sasa tu: ziandike na uzifungie.',
  ],
  codesKept: ['I have written them down', 'Nimeziandika'],
  addTotp: ['Add an authenticator', 'Ongeza programu ya namba'],
  totpHow: [
    'Type this secret into your authenticator, or open the link on the device that has it. Then type its first code.',
    'Andika siri hii kwenye programu yako, au fungua kiungo kwenye kifaa chake. Kisha andika namba ya kwanza.',
  ],
  firstCode: ['Its first code', 'Namba yake ya kwanza'],
  confirmTotp: ['Take it', 'Itumie'],
  lacksFactor: [
    'You must have a second factor before anything else: a passkey, or an authenticator that shows codes.',
    'Lazima uwe na uthibitisho wa pili kwanza: ufunguo wa kifaa, au programu inayoonyesha namba.',
  ],
  lacksPassword: [
    'Somebody else has set this password: choose your own.',
    'Nywila hii iliwekwa na mtu mwingine: chagua yako mwenyewe.',
  ],
  presentPassword: ['The password you have now', 'Nywila uliyo nayo sasa'],
  newPassword: ['Your new password', 'Nywila yako mpya'],
  choosePassword: ['Take this password', 'Tumia nywila hii'],
  orToken: ['Or a token', 'Au tokeni'],
  lookIn: ['Look in without an account', 'Angalia bila akaunti'],
  unknownLink: [
    'This link is not known, was used before, or has expired.',
    'Kiungo hiki hakijulikani, kimeshatumika, au muda wake umekwisha.',
  ],
  unknownToken: ['This is not known here.', 'Hii haijulikani hapa.'],
  tooEasy: [
    'This name or password will not do: small letters for the name, at least 12 characters for the password.',
    'Jina au nywila hii haifai: herufi ndogo kwa jina, herufi 12 au zaidi kwa nywila.',
  ],
  tooOften: ['Too many attempts; wait a moment.', 'Majaribio mengi mno; subiri kidogo.'],
  wait: ['Signing in …', 'Unaingizwa …'],
  providerRefused: ['You are not signed in.', 'Hujaingia.'],
  providerForbids: ['You are known, but not let in.', 'Unatambuliwa, lakini huruhusiwi kuingia.'],
  providerAway: ['The provider does not answer.', 'Mtoa huduma wa utambulisho hajibu.'],
} as const satisfies Record<string, Text>
