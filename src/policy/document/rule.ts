// A rule about a policy names the parts that it reads, and the compiler holds it to them. So of an edit of what has
// passed only those rules are asked again that read what it changed.

import type { Report } from '../../runtime/shape-faults.js'
import type { PolicyDocument } from './document.js'
import type { Names } from './names.js'

type Part = keyof PolicyDocument

/** The names that these parts give; ports are named by edges. */
export type NamesOf<P> = Pick<Names, (P & keyof Names) | ('edges' extends P ? 'ports' : never)>

export interface Rule {
  readonly parts: readonly Part[]
  readonly check: (document: PolicyDocument, names: Names, report: Report) => void
}

export function rule<const P extends Part>(
  parts: readonly P[],
  check: (document: Pick<PolicyDocument, NoInfer<P>>, names: NamesOf<NoInfer<P>>, report: Report) => void,
): Rule {
  return { parts, check }
}

/** The same for a rule that needs no names. */
export function plain<const P extends Part>(
  parts: readonly P[],
  check: (document: Pick<PolicyDocument, NoInfer<P>>, report: Report) => void,
): Rule {
  return { parts, check: (document, _, report) => check(document, report) }
}
