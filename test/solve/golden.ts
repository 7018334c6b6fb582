// Allocations worked out by hand or published elsewhere, as problem files and the answers they must have.

import { checkProblem, type ProblemFile } from '../../src/planning/problem-file.js'

export interface Golden {
  readonly name: string
  readonly file: ProblemFile
  /** bit/s, in the order of the flows. */
  readonly need: readonly number[]
}

const SHARE = [{ id: 'share', kind: 'share' }]
const PROMISE = [{ id: 'promise', kind: 'guarantee' }, ...SHARE]

/** Flows f1, f2, … over one link `l`. */
function oneLink(capacity: number, flows: readonly object[], more: object = {}): ProblemFile {
  const own = flows.map((flow, n) => ({ id: `f${n + 1}`, path: ['l'], segments: [{ band: 'share' }], ...flow }))
  return checkProblem({ bands: SHARE, links: [{ id: 'l', capacity }], flows: own, ...more })
}

const demands = (...list: readonly number[]): object[] => list.map((demand) => ({ demand }))

const TABLE_1 = [
  {
    demand: 15,
    segments: [
      { band: 'share', weight: 20, upTo: 10 },
      { band: 'share', weight: 5 },
    ],
  },
  {
    demand: 20,
    segments: [
      { band: 'promise', size: 10 },
      { band: 'share', weight: 10 },
    ],
  },
]
const bwe = (capacity: number): ProblemFile => oneLink(capacity, TABLE_1, { bands: PROMISE })

const ENVELOPES = [
  { id: 'h', weight: 1 },
  { id: 'e', weight: 1 },
]
const beside = (envelopes: readonly object[]): ProblemFile =>
  oneLink(
    120,
    [
      { demand: 5, envelope: 'h' },
      { demand: 1000, envelope: 'h' },
      { demand: 1000, envelope: 'h' },
      { demand: 1000, envelope: 'e' },
    ],
    { envelopes },
  )

/** Links A 50 and B 20; an envelope of weight 1 with f1 on A and f7 on B; f3 of weight 1 on both. */
export const hurtByOwnWeight = (weight: number): ProblemFile =>
  checkProblem({
    bands: SHARE,
    links: [
      { id: 'a', capacity: 50 },
      { id: 'b', capacity: 20 },
    ],
    envelopes: [{ id: 'e', weight: 1 }],
    flows: [
      { id: 'f1', path: ['a'], envelope: 'e', segments: [{ band: 'share', weight }] },
      { id: 'f7', path: ['b'], envelope: 'e', segments: [{ band: 'share', weight: 1 }] },
      { id: 'f3', path: ['a', 'b'], segments: [{ band: 'share', weight: 1 }] },
    ],
  })

export const GOLDEN: readonly Golden[] = [
  { name: 'doorman, one modest', file: oneLink(120, demands(1000, 60, 10)), need: [55, 55, 10] },
  { name: 'doorman, one short', file: oneLink(120, demands(1000, 50, 10)), need: [60, 50, 10] },
  {
    name: 'doorman stops after two rounds, with 126 2/3 for the last two',
    file: oneLink(500, demands(0, 120, 126, 1000, 1000)),
    need: [0, 120, 126, 127, 127],
  },
  { name: 'BwE table 1, capacity 10', file: bwe(10), need: [0, 10] },
  { name: 'BwE table 1, capacity 25', file: bwe(25), need: [10, 15] },
  { name: 'BwE table 1, capacity 32.5', file: bwe(32.5), need: [12.5, 20] },
  { name: 'BwE table 1, capacity 35', file: bwe(35), need: [15, 20] },
  {
    name: 'promises of 100 each shrink by their size, whatever the demand',
    file: oneLink(
      90,
      [100, 50].map((demand) => ({ demand, segments: [{ band: 'promise', size: 100 }] })),
      { bands: PROMISE },
    ),
    need: [45, 45],
  },
  {
    name: 'an envelope with a ceiling leaves its rest to the other',
    file: beside([ENVELOPES[0]!, { ...ENVELOPES[1]!, ceiling: 40 }]),
    need: [5, 37.5, 37.5, 40],
  },
  { name: 'two envelopes of equal weight halve the link', file: beside(ENVELOPES), need: [5, 27.5, 27.5, 60] },
  {
    name: 'the promise of an envelope comes before its share',
    file: oneLink(
      100,
      [
        { envelope: 'h', segments: [{ band: 'share', weight: 2 }] },
        { envelope: 'h', segments: [{ band: 'share', weight: 1 }] },
        { segments: [{ band: 'share', weight: 1 }] },
      ].map((flow) => ({ demand: 1000, ...flow })),
      { bands: PROMISE, envelopes: [{ id: 'h', weight: 1, guarantee: { band: 'promise', size: 60 } }] },
    ),
    need: [160 / 3, 80 / 3, 20],
  },
  { name: 'own weight 1 under an envelope', file: hurtByOwnWeight(1), need: [110 / 3, 20 / 3, 40 / 3] },
  { name: 'own weight 2 is less', file: hurtByOwnWeight(2), need: [35, 5, 15] },
  { name: 'own weight 4 is less still', file: hurtByOwnWeight(4), need: [100 / 3, 10 / 3, 50 / 3] },
]
