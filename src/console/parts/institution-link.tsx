// The name of an institution, leading to its page. All restricted ones together have a name, and no page.

import { RESTRICTED } from '../../model/plan.js'

interface Props {
  readonly id: string
  readonly name: string
  /** Absent: its own page. */
  readonly href?: string
}

export const InstitutionLink = ({ id, name, href = `/institutions/${encodeURIComponent(id)}` }: Props) =>
  id === RESTRICTED ? <span>{name}</span> : <a href={href}>{name}</a>
