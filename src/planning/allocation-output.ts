// What is said of an allocation: what `mizani allocate --json` prints and what programs are answered.

import type { Limit } from '../solve/explain.js'

export interface BandOutput {
  readonly band: string
  readonly amount: number
  readonly level: number | null
  readonly bottleneck: string | null
}

export interface FlowOutput {
  readonly id: string
  readonly need: number
  readonly rate: number
  readonly kbps: number
  readonly kept: number
  readonly bands: readonly BandOutput[]
  readonly limitedBy: LimitOutput
}

export interface LimitOutput {
  readonly code: Limit
  readonly id: string | null
  /** The first band in which it got less than it may claim there. */
  readonly band: string | null
  /** Links and envelopes that filled together with `id`, and limit as well. */
  readonly with: readonly string[]
}

export interface LinkOutput {
  readonly id: string
  readonly capacity: number
  readonly needLoad: number
  readonly load: number
  readonly saturatedIn: string | null
}

export interface ViolationOutput {
  readonly reason: string
  readonly band: string | null
  readonly flow: string | null
  readonly link: string | null
  readonly message: string
}

/** What `--json` prints, in the order of its fields. Flows and links stand as in the file. */
export interface AllocationOutput {
  readonly flows: readonly FlowOutput[]
  readonly links: readonly LinkOutput[]
  readonly certificate: { readonly ok: boolean; readonly violations: readonly ViolationOutput[] }
}
