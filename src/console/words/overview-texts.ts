// What the overview says, and the parts that it has in common with others.

import type { Text } from './texts.js'

export const OVERVIEW = {
  alarms: ['Alarms', 'Tahadhari'],
  noAlarms: ['No alarm: all that is watched is as it should be.', 'Hakuna tahadhari: vyote vinavyoangaliwa viko sawa.'],
  waitsToEnd: ['ending', 'inaisha'],
  whatToDo: ['What to do', 'La kufanya'],
  acknowledge: ['I have seen it', 'Nimeiona'],
  acknowledgeNote: ['Note (optional)', 'Maelezo (si lazima)'],
  acknowledged: ['The alarm is marked as seen.', 'Tahadhari imewekwa alama kuwa imeonekana.'],
  picture: ['The network', 'Mtandao'],
  linkTable: ['Links, the fullest first', 'Viungo, vilivyojaa zaidi kwanza'],
  pictureHow: [
    'A line is as wide as what the link can carry; colour and figure say how much of it is needed and what is missing.',
    'Upana wa mstari ni uwezo wa kiungo; rangi na namba zinaonyesha kiasi kinachohitajika na kinachopungua.',
  ],
  noPlaces: [
    'The plane does not say where its nodes stand (`at` of each node), so there is no picture; the table shows all.',
    'Sera haisemi vituo viko wapi (`at` ya kila kituo), kwa hiyo hakuna picha; jedwali linaonyesha vyote.',
  ],
  legendFree: ['less than 70 % needed', 'chini ya 70 % inahitajika'],
  legendTight: ['70 % or more needed', '70 % au zaidi inahitajika'],
  legendShort: ['somebody is short here', 'kuna anayepungukiwa hapa'],
  legendDown: ['down or derated', 'kimekatika au kimepungua'],
  usable: ['Usable', 'Inayotumika'],
  needed: ['Needed', 'Hitaji'],
  ofUsable: ['Needed of usable', 'Hitaji kwa uwezo'],
  shortInstitutions: ['Who is short', 'Waliopungukiwa'],
  unmetBoth: ['Not met, both directions', 'Pungufu, pande zote mbili'],
  limitedMost: ['Limited most by', 'Kinachoizuia zaidi'],
  nobodyShort: ['Everybody gets all they ask for.', 'Kila taasisi inapata yote inayoomba.'],
  whatIfCut: ['What if it is cut?', 'Kikikatika itakuwaje?'],
  whatIfHalf: ['What if half of it is left?', 'Ikibaki nusu yake itakuwaje?'],
  whatIfAsked: ['It is being tried …', 'Inajaribiwa …'],
  whatIfHow: ['Only imagined: nothing is changed.', 'Ni jaribio tu: hakuna kinachobadilishwa.'],
} as const satisfies Record<string, Text>
