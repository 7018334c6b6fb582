// Short calls, timed as a suite of Benchmark.js.

import Benchmark from 'benchmark'

/** Milliseconds; `rate`: calls a second, by the mean. */
export interface Times {
  readonly median: number
  readonly p99: number
  readonly least: number
  readonly rate: number
  readonly runs: number
}

export interface Case {
  readonly run: () => void
  readonly runs: number
  /** Comes before each run and is not counted. */
  readonly prepare?: (n: number) => void
}

// Else it would copy the text of a case into a function of its own, where the case finds none of its variables.
Benchmark.support.decompilation = false

/** So short that each sample is one run: p99 is of single calls. Seconds. */
const ONE_RUN = 1e-9

/**
 * Times short calls as a suite of Benchmark.js, one call a sample. A tenth more runs come first, to warm up, and do not
 * count. Benchmark.js tries each call once before it times it; `prepare` comes before the timed one alone.
 */
export function timesOf<Name extends string>(cases: Readonly<Record<Name, Case>>): Readonly<Record<Name, Times>> {
  const suite = new Benchmark.Suite()
  const names = Object.keys(cases) as Name[] // the record's own
  for (const name of names) {
    const { run, runs, prepare = () => undefined } = cases[name]
    let calls = 0
    const setup = (): void => {
      if (calls % 2 === 1) prepare((calls - 1) / 2)
      calls++
    }
    const bounds = { minSamples: runs + warmUpOf(runs), maxTime: ONE_RUN, minTime: ONE_RUN, initCount: 1 }
    suite.add(name, run, { setup, ...bounds })
  }
  const times = new Map<Name, Times>()
  suite.on('cycle', ({ target }: { readonly target: Benchmark }) => {
    if (target.error !== undefined) throw target.error
    const { runs } = cases[target.name as Name] // it was added under that name
    times.set(target.name as Name, timesIn(target.stats.sample.slice(warmUpOf(runs))))
  })
  suite.run({ async: false })
  return Object.fromEntries(times) as Record<Name, Times> // one for each name
}

const warmUpOf = (runs: number): number => Math.ceil(runs / 10)

/** @param sample seconds */
function timesIn(sample: readonly number[]): Times {
  const sorted = sample.map((seconds) => 1_000 * seconds).sort((a, b) => a - b)
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!
  const mean = sorted.reduce((sum, time) => sum + time, 0) / sorted.length
  return { median: at(0.5), p99: at(0.99), least: sorted[0]!, rate: 1_000 / mean, runs: sorted.length }
}
