// Where a link begins and ends, by name: at nodes, but a port has its gateway at one end.

import type { Schema } from '../call.js'

type Ends = Pick<Schema['Link'], 'kind' | 'direction' | 'from' | 'to'>
type Place = readonly [collection: 'nodes' | 'edges', id: string]

const endsOf = ({ kind, direction, from, to }: Ends): Place[] => {
  const gateway = kind !== 'port' ? null : direction === 'up' ? from : to
  return [from, to].map((id) => [id === gateway ? 'edges' : 'nodes', id])
}

export const endPlaces = (link: Ends): string[] => endsOf(link).map((place) => place.join('/'))

/** "Dar es Salaam → Morogoro" */
export const endsSaid = (link: Ends, named: (collection: string, id: string) => string): string =>
  endsOf(link)
    .map((place) => named(...place))
    .join(' → ')
