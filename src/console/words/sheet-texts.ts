// What is said of sheets that are saved from a page.

import type { Text } from './texts.js'

export const SHEET = {
  noFile: ['no file is chosen', 'hakuna faili lililochaguliwa'],
  save: ['Sheet (CSV)', 'Jedwali (CSV)'],
  cut: [
    'There is more than one sheet takes: the last rows are missing. Choose fewer.',
    'Safu ni nyingi kuliko jedwali moja: za mwisho hazimo. Chagua chache.',
  ],
} as const satisfies Record<string, Text>
