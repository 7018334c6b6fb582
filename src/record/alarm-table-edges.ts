// The alarms of edges in the table of alarms (alarm-table.ts).

import { MINUTE, SECOND } from '../model/units.js'
import { type AlarmKind, text } from './alarm-kind.js'

export const EDGE_ALARMS = {
  EDGE_STALE: {
    ...{ severity: 'major', raiseAfter: 10 * SECOND, clearAfter: 30 * SECOND, concerns: 'edges' },
    detail: text('No word from edge: {who}. Last rates hold.', 'Lango liko kimya: {who}. Viwango vya mwisho vinabaki.'),
    over: text(
      'Edge heard again, or on safe rates: {who}.',
      'Lango linasikika tena, au liko kwenye viwango salama: {who}.',
    ),
    remedy: text(
      'Check its line and power, then `mizani edge status`.',
      'Angalia njia na umeme wake, kisha `mizani edge status`.',
    ),
  },
  EDGE_SAFE: {
    ...{ severity: 'critical', raiseAfter: 2 * SECOND, clearAfter: 30 * SECOND, concerns: 'edges' },
    detail: text('Edge on safe rates: {who}.', 'Lango linatumia viwango salama: {who}.'),
    over: text('Edge takes rates again: {who}.', 'Lango linapokea viwango tena: {who}.'),
    remedy: text(
      'Its lease ended: restore its way to the rates store.',
      'Mkataba umeisha: rudisha njia yake kwenye hifadhi.',
    ),
  },
  EDGE_REFUSING: {
    ...{ severity: 'critical', raiseAfter: 2 * SECOND, clearAfter: 30 * SECOND, concerns: 'edges' },
    detail: text('Edge refuses what it is sent: {who}.', 'Lango linakataa maagizo: {who}.'),
    over: text('Edge no longer says that it refuses: {who}.', 'Lango halisemi tena kwamba linakataa: {who}.'),
    remedy: text('Read its refusal in the list of edges.', 'Soma sababu kwenye orodha ya malango.'),
  },
  EDGE_UNORDERED: {
    ...{ severity: 'critical', raiseAfter: 2 * SECOND, clearAfter: 30 * SECOND, concerns: 'edges' },
    detail: text('Edge does what nobody ordered: {who}.', 'Lango linafanya lisiloagizwa: {who}.'),
    over: text('Edge does as ordered again, or is silent: {who}.', 'Lango linafuata agizo tena, au liko kimya: {who}.'),
    remedy: text(
      'Ask who stands at the box, then `mizani edge order`; until then it counts at its grant.',
      'Muulize aliyeko langoni, kisha `mizani edge order`; kwa sasa linahesabiwa kwa mgao wake.',
    ),
  },
  EDGE_CEASED: {
    ...{ severity: 'critical', raiseAfter: 2 * SECOND, clearAfter: 30 * SECOND, concerns: 'edges' },
    detail: text(
      'Edge enforced and stopped; no order, trial or revision says so: {who}.',
      'Lango lilitekeleza kisha likaacha; hakuna agizo, jaribio wala toleo lisemalo hivyo: {who}.',
    ),
    over: text(
      'Edge enforces again, or somebody ordered what it does: {who}.',
      'Lango linatekeleza tena, au linalofanya limeagizwa: {who}.',
    ),
    remedy: text(
      '`mizani edge order enforce EDGE`; see whether the policy store and the data folder are those that were.',
      '`mizani edge order enforce LANGO`; angalia kama hifadhi ya sera na folda ya data ni zilezile.',
    ),
  },
  EDGE_BYPASSED: {
    ...{ severity: 'major', raiseAfter: 2 * SECOND, clearAfter: 30 * SECOND, concerns: 'edges' },
    detail: text(
      'Limits are lifted by order at the box of: {who}.',
      'Vikomo vimeondolewa kwa agizo langoni kwa: {who}.',
    ),
    over: text('Limits are no longer lifted at the box of: {who}.', 'Vikomo havijaondolewa tena langoni kwa: {who}.'),
    remedy: text(
      'Ask who stands at the box; `mizani edge resume` there ends it sooner. Until then it counts at its grant.',
      'Muulize aliyeko langoni; `mizani edge resume` pale inaumaliza mapema. Kwa sasa linahesabiwa kwa mgao wake.',
    ),
  },
  EDGE_STRIPPED: {
    ...{ severity: 'major', raiseAfter: 0, clearAfter: 2 * MINUTE, concerns: 'edges' },
    detail: text(
      'Somebody removed the limits at the box, and the gateway put them back: {who}.',
      'Mtu aliondoa vikomo langoni, na lango likavirudisha: {who}.',
    ),
    over: text('Limits were not removed again at: {who}.', 'Vikomo havijaondolewa tena kwenye: {who}.'),
    remedy: text(
      'Find who or what runs `tc` there. `mizani edge bypass` lifts limits for a stated time.',
      'Tafuta nani au nini hutumia `tc` pale. `mizani edge bypass` huondoa vikomo kwa muda uliotajwa.',
    ),
  },
  EDGE_NOT_CREDIBLE: {
    ...{ severity: 'critical', raiseAfter: 0, clearAfter: 30 * SECOND, concerns: 'edges' },
    detail: text('Edge says what nothing bears out: {who}.', 'Lango linasema yasiyothibitishwa: {who}.'),
    over: text('What edge says is borne out again: {who}.', 'Yanayosemwa na lango yanathibitishwa tena: {who}.'),
    remedy: text(
      'Check the box and its account: it is broken, or not ours; others keep what is theirs.',
      'Angalia lango na akaunti yake: ni bovu au si letu; wengine wanabaki na haki yao.',
    ),
  },
  EDGE_UNPROVEN: {
    ...{ severity: 'critical', raiseAfter: 0, clearAfter: 30 * SECOND, concerns: 'edges' },
    detail: text(
      'Reports in the name of an edge are not shown to be new, and are not used: {who}.',
      'Taarifa kwa jina la lango hazithibitiki kuwa mpya, na hazitumiki: {who}.',
    ),
    over: text(
      'The edge has shown that it speaks now, or such reports have ceased: {who}.',
      'Lango limethibitisha kwamba linasema sasa, au taarifa hizo zimekoma: {who}.',
    ),
    remedy: text(
      'Somebody sends old ones again, or the edge hears nothing: check its line and who may write to the rates store.',
      'Kuna anayetuma za zamani tena, au lango halisikii: angalia njia yake na nani anaweza kuandika kwenye hifadhi.',
    ),
  },
  EDGE_NOT_YIELDING: {
    ...{ severity: 'critical', raiseAfter: 2 * SECOND, clearAfter: 30 * SECOND, concerns: 'edges' },
    detail: text('Edge answers but does not apply: {who}.', 'Lango linajibu lakini halitekelezi: {who}.'),
    over: text('Edge applies again, or is silent: {who}.', 'Lango linatekeleza tena, au liko kimya: {who}.'),
    remedy: text('`mizani edge doctor` on the gateway.', '`mizani edge doctor` kwenye lango.'),
  },
  EDGE_TWICE: {
    ...{ severity: 'critical', raiseAfter: 0, clearAfter: 30 * SECOND, concerns: 'edges' },
    detail: text('Two gateways speak as one edge: {who}.', 'Malango mawili yanajiita lango moja: {who}.'),
    over: text('One gateway speaks as the edge again: {who}.', 'Lango moja tu linajiita hivyo tena: {who}.'),
    remedy: text(
      'The first goes on; stop the second, or `mizani edge-user replace`.',
      'La kwanza linaendelea; zima la pili, au `mizani edge-user replace`.',
    ),
  },
  EDGE_ESCAPES: {
    ...{ severity: 'major', raiseAfter: 0, clearAfter: 2 * MINUTE, concerns: 'edges' },
    detail: text('Traffic goes past the limits at: {who}.', 'Data inapita nje ya vikomo kwenye: {who}.'),
    over: text(
      'No traffic seen past the limits any more at: {who}.',
      'Data haionekani tena kupita nje ya vikomo: {who}.',
    ),
    remedy: text(
      '`mizani edge doctor` at the gateway says which way and what to do.',
      '`mizani edge doctor` langoni inasema njia ipi na la kufanya.',
    ),
  },
  EDGE_UNCOUNTED: {
    ...{ severity: 'minor', raiseAfter: 10 * SECOND, clearAfter: 2 * MINUTE, concerns: 'edges' },
    detail: text('Traffic that no class counts at: {who}.', 'Data isiyohesabiwa kwenye: {who}.'),
    over: text('All traffic is counted again at: {who}.', 'Data yote inahesabiwa tena kwenye: {who}.'),
    remedy: text(
      '`mizani edge status` at the gateway says how much and by which way.',
      '`mizani edge status` langoni inasema kiasi gani na kwa njia ipi.',
    ),
  },
} as const satisfies Record<string, AlarmKind>
