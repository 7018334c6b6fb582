// What the pages of institutions say.

import type { Text } from './texts.js'

export const INSTITUTIONS = {
  searchHow: ['Name, abbreviation or IP address', 'Jina, kifupi au anwani ya IP'],
  sortBy: ['Order', 'Mpangilio'],
  byUnmet: ['most is missing first', 'waliopungukiwa zaidi kwanza'],
  byName: ['by name', 'kwa jina'],
  byNeed: ['most is had first', 'wanaopata zaidi kwanza'],
  byDemand: ['most is asked first', 'wanaoomba zaidi kwanza'],
  median: ['Median of its category', 'Wastani wa kati wa aina yake'],
  limited: ['Limited by', 'Kinachozuia'],
  arrowsHow: ['Up and down arrows go from row to row.', 'Mishale ya juu na chini hupita safu kwa safu.'],
} as const satisfies Record<string, Text>
