// A flow by its names, leading to the institution's page of that service and direction; what an edge has of its own
// leads to the edge.

import { CONTROL, RESTRICTED, UNMAPPED } from '../../model/plan.js'
import { type Names, useNames } from '../names.js'
import { useWords } from '../store.js'
import { NETWORK } from '../words/network-texts.js'
import { InstitutionLink } from './institution-link.js'
import { useServiceName } from './request.js'

/** Flows that no institution has. */
const OF_EDGES = { [UNMAPPED]: NETWORK.ofNoSite, [CONTROL]: NETWORK.ofControl } as const

/** Of "aru/internet/down@dar-1"; by which edge is said where there are several. */
export function flowOf(id: string) {
  const [institution = '', service = '', rest = ''] = id.split('/')
  const [direction = '', ...edges] = rest.split('@')
  return { institution, service, direction, edges }
}

export function FlowLink({ id, names }: { readonly id: string; readonly names: Names }) {
  const { say } = useWords()
  const [named, serviceName] = [useNames(names), useServiceName()]
  const { institution, service, direction, edges } = flowOf(id)
  const href = `/institutions/${encodeURIComponent(institution)}?${new URLSearchParams({ service, direction })}`
  if (institution === RESTRICTED) return <InstitutionLink id={institution} name={say(NETWORK.restricted)} />
  if (institution in OF_EDGES) {
    const [edge = ''] = edges
    const what = say(OF_EDGES[institution as keyof typeof OF_EDGES])
    return <a href={`/edges/${encodeURIComponent(edge)}`}>{`${what}, ${named('edges', edge)}`}</a>
  }
  const parts = [named('institutions', institution), serviceName(service), ...edges.map((edge) => named('edges', edge))]
  return <InstitutionLink id={institution} name={parts.filter(Boolean).join(', ')} href={href} />
}
