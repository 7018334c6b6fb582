// Two releases side by side: one of version 1 alone, this one, and the next, whose version is made up here. The
// releases below are the production codec over other lists.

import t from 'tap'
import { isRefusal } from '../../src/wire/bytes.js'
import * as present from '../../src/wire/codec.js'
import {
  type Codec,
  createCodec,
  VERSION_1,
  VERSION_2,
  VERSION_3,
  VERSION_4,
  VERSION_5,
  type WireFormat,
} from '../../src/wire/codec.js'
import { EdgeMacs, edgeKeyOf } from '../../src/wire/mac.js'
import { KEYLESS_VERSION, PROVING_VERSION, WIRE_VERSION } from '../../src/wire/messages.js'
import { about, report, snapshot, told } from './samples.js'

/** Carries a number of its own before what version 2 says. */
function later(version: number): WireFormat {
  return {
    ...VERSION_2,
    version,
    rates: {
      size: (message) => 4 + VERSION_2.rates.size(message),
      write: (writer, kind, message) => VERSION_2.rates.write(writer.u32(version), kind, message),
      read: (reader, kind, flags) => {
        reader.u32()
        return VERSION_2.rates.read(reader, kind, flags)
      },
    },
    report: {
      size: (message) => 4 + VERSION_2.report.size(message),
      write: (writer, kind, message) => VERSION_2.report.write(writer.u32(version), kind, message),
      read: (reader, kind, flags) => {
        reader.u32()
        return VERSION_2.report.read(reader, kind, flags)
      },
    },
  }
}

const EDGE = { edge: snapshot.edge }
const NONCE = '0123456789abcdef0123456789abcdef'
const RELEASES = [
  { newest: 1, codec: createCodec([VERSION_1]) },
  { newest: 2, codec: createCodec([VERSION_1, VERSION_2]) },
  { newest: 3, codec: createCodec([VERSION_2, later(3)]) },
]

/** An edge and a controller exchange messages until both speak; gives the version they settle on. */
function settle(
  controller: Codec,
  edge: { codec: Codec; newest: number },
  { keys = null, before }: { keys?: ReturnType<typeof keysOf> | null; before?: number } = {},
): number | 'refused' {
  let reads: number | null = null
  let speaks = before
  for (let turn = 0; turn < 3; turn++) {
    const bytesSaid = edge.codec.encodeReport({ ...report, reads: edge.newest }, speaks, keys?.atEdge)
    const said = controller.decodeReport(bytesSaid, { ...EDGE, macs: keys?.atController ?? null })
    if (!isRefusal(said)) reads = said.reads
    const version = controller.versionFor(reads)
    // Releases before know no nonce.
    const asks = controller === present && reads !== null && reads >= PROVING_VERSION ? { nonce: NONCE } : {}
    const bytes = controller.encodeRates({ ...snapshot, ...asks, version }, keys?.atController)
    const told = edge.codec.decodeRates(bytes, { ...EDGE, macs: keys?.atEdge ?? null })
    if (isRefusal(told)) continue
    t.same(told.records, snapshot.records)
    speaks = told.version
    if (!isRefusal(said)) t.same([...(said.counted?.leaves ?? [])], report.counters)
  }
  return reads === null ? 'refused' : (speaks ?? 'refused')
}

t.test('neighbours settle on the highest version that both know, whichever of them is newer', (t) => {
  const [one, two, three] = RELEASES as [(typeof RELEASES)[0], (typeof RELEASES)[0], (typeof RELEASES)[0]]
  t.equal(settle(one.codec, one), 1)
  t.equal(settle(two.codec, one), 1, 'the controller was upgraded first')
  t.equal(settle(one.codec, two), 1, 'the edge was')
  t.equal(settle(two.codec, two), 2)
  t.equal(settle(three.codec, two), 2)
  t.equal(settle(two.codec, three), 2)
  t.equal(settle(three.codec, three), 3)
  t.equal(settle(three.codec, one), 'refused', 'two versions apart')
  t.equal(settle(one.codec, three), 'refused')
  t.end()
})

function keysOf() {
  const keys = [{ generation: 1, key: edgeKeyOf(Buffer.alloc(32, 1), 'p', EDGE.edge, 0) }]
  return { atEdge: new EdgeMacs(keys, 'edge'), atController: new EdgeMacs(keys, 'controller') }
}

t.test(
  'who holds keys settles as well: the release before with this one, either way, and after either came back',
  (t) => {
    const before = { newest: 3, codec: createCodec([VERSION_1, VERSION_2, VERSION_3]) }
    const now = { newest: WIRE_VERSION, codec: present }
    const keys = keysOf()
    t.equal(settle(before.codec, before, { keys }), 3)
    t.equal(settle(now.codec, before, { keys }), 3, 'the controller was upgraded first')
    t.equal(settle(before.codec, now, { keys }), 3, 'the edge was')
    t.equal(settle(now.codec, now, { keys }), 6)
    t.equal(settle(before.codec, now, { keys, before: 6 }), 3, 'the controller went back under an edge that runs')
    t.equal(settle(now.codec, now, { keys, before: 3 }), 6, 'and came forth again')
    t.equal(settle(before.codec, now), 2, 'the same without keys')
    t.equal(settle(now.codec, before), 2)
    const last = {
      newest: 5,
      codec: createCodec([VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5]),
    }
    t.equal(settle(now.codec, last, { keys }), 5, 'a release that shows nothing to be new is understood')
    t.equal(settle(last.codec, now, { keys }), 5)
    t.equal(settle(last.codec, now, { keys, before: 6 }), 5)
    t.equal(settle(now.codec, now), 4)
    t.equal(settle(before.codec, now, { before: 4 }), 2)
    t.end()
  },
)

t.test('what a version has no room for is left out, and a refusal that it has no word for is said in another', (t) => {
  const said = { ...report, ...about, refusal: { code: 'SECOND', detail: 'x' } } as const
  for (const version of [1, 2]) {
    const { instance, place, notices, uncounted, ...rest } = said
    t.same(present.decodeReport(present.encodeReport(said, version), EDGE), {
      ...(present.decodeReport(present.encodeReport(rest, version), EDGE) as object),
      refusal: { code: 'FOREIGN', detail: 'x' },
    })
    const bytes = present.encodeRates({ ...snapshot, ...told, version })
    t.same(bytes, present.encodeRates({ ...snapshot, version }))
  }
  t.end()
})

t.test('an unknown version is refused with both numbers, before anything of it is read', (t) => {
  const future = createCodec([later(3)])
  const bytes = future.encodeRates({ ...snapshot, version: 3 })
  const numbers = { code: 'VERSION', detail: 'wire version 3; this release reads 1 and 2' }
  t.same(RELEASES[1]!.codec.decodeRates(bytes, EDGE), numbers)
  t.same(RELEASES[1]!.codec.decodeReport(future.encodeReport(report), EDGE), numbers)
  t.throws(() => RELEASES[1]!.codec.encodeRates({ ...snapshot, version: 3 }), /version 3 is not written here/)
  t.end()
})

t.test('before a report the oldest version is written; after it the highest that it reads', (t) => {
  const { codec } = RELEASES[1]!
  t.same(
    [null, 0, 1, 2, 9].map((reads) => codec.versionFor(reads)),
    [1, 1, 1, 2, 2],
  )
  t.equal(present.versionFor(KEYLESS_VERSION + 1), KEYLESS_VERSION, 'the newest of this release without a key')
  t.end()
})
