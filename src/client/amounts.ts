// Amounts of a flow as the command line says them.

import { formatRate } from '../model/units.js'

export const rateOr = (rate: number | null): string => (rate === null ? '-' : formatRate(rate))
export const limitOf = ({ code, id }: { readonly code: string; readonly id: string | null }): string =>
  id === null ? code : `${code} ${id}`

/** What is asked, marked where it is an estimate. */
export const askedOf = ({
  demand,
  estimatedSince,
}: {
  readonly demand: number
  readonly estimatedSince: string | null
}) => `${estimatedSince === null ? '' : '≈ '}${formatRate(demand)}`
