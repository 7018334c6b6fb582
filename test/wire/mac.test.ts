// Whoever writes into a store speaks for nobody: not with messages of an older version, of another edge, of another
// generation, nor with true ones that were changed and summed anew.

import { createHmac, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import t from 'tap'
import { isRefusal } from '../../src/wire/bytes.js'
import { decodeRates, decodeReport, encodeRates, encodeReport, newestKeyIn } from '../../src/wire/codec.js'
import { EdgeMacs, edgeKeyOf } from '../../src/wire/mac.js'
import { about, mutate, report, sinceThen, snapshot, told } from './samples.js'

const edge = snapshot.edge
const keyOf = (generation: number, of = edge) => ({
  generation,
  key: edgeKeyOf(Buffer.alloc(32, generation), 'taifa', of, 0),
})
const both = (...generations: number[]) => ({
  controller: new EdgeMacs(
    generations.map((n) => keyOf(n)),
    'controller',
  ),
  atEdge: new EdgeMacs(
    generations.map((n) => keyOf(n)),
    'edge',
  ),
})
const codeOf = (result: object): unknown => ('code' in result ? result.code : 'accepted')

t.test('the code is HMAC-SHA-256, cut to 16 bytes', (t) => {
  const sign = (key: Buffer, data: Buffer): string =>
    new EdgeMacs([{ generation: 1, key: key.toString('hex') }], 'edge').sign(data).toString('hex')
  // RFC 4231, 4.2, 4.3, 4.6 and 4.7: a key longer than a block too.
  t.equal(sign(Buffer.alloc(20, 0x0b), Buffer.from('Hi There')), 'b0344c61d8db38535ca8afceaf0bf12b')
  t.equal(sign(Buffer.from('Jefe'), Buffer.from('what do ya want for nothing?')), '5bdcc146bf60754e6a042426089575c7')
  t.equal(sign(Buffer.alloc(20, 0x0c), Buffer.from('Test With Truncation')), 'a3b6167473100ee06e0c796c2955552b')
  const long = Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First')
  t.equal(sign(Buffer.alloc(131, 0xaa), long), '60e431591ee0b67f0d8a26aacbf5b77f')
  for (let size = 0; size < 9_000; size += 113) {
    const [key, data] = [randomBytes(32), randomBytes(size)]
    if (sign(key, data) !== createHmac('sha256', key).update(data).digest('hex').slice(0, 32))
      t.fail(`of ${size} bytes`)
  }
  t.end()
})

t.test('the bytes of wire version 3 do not change', (t) => {
  const { controller, atEdge } = both(1_795_000_000)
  const author = '6afd86c06afd86c0' // generation, newest generation
  const rates = { ...snapshot, counted: true }
  const ofVersion2 = encodeRates({ ...rates, version: 2 }).toString('hex')
  t.equal(
    encodeRates(rates, controller).toString('hex'),
    `4d5a4e490003${ofVersion2.slice(12, -8)}${author}df3129a31539d63767602dac0b834aad6d418c2e`,
  )
  const reportOf2 = encodeReport(report, 2).toString('hex')
  t.equal(
    encodeReport(report, 1, atEdge).toString('hex'),
    `4d5a4e490003${reportOf2.slice(12, -8)}${author}623f738188e236a7f06b481356ad795ba82d3f15`,
  )
  t.end()
})

t.test('the bytes of wire version 6 are those of 5 with a nonce, which 5 and 4 have no room for', (t) => {
  const { controller, atEdge } = both(1_795_000_000)
  const [nonce, author] = ['00112233445566778899aabbccddeeff', '6afd86c06afd86c0']
  const rates = { ...snapshot, ...told, version: 4, counted: true }
  const ofVersion4 = encodeRates(rates).toString('hex')
  const asked = encodeRates({ ...rates, nonce }, controller)
  const [head, body] = [ofVersion4.slice(12, 64), ofVersion4.slice(64, -8)]
  t.match(asked.toString('hex'), new RegExp(`^4d5a4e490006${head}${nonce}${body}${author}.{40}$`))
  t.same(decodeRates(asked, { edge, macs: atEdge }), { ...rates, nonce, version: 6 })
  t.same(encodeRates({ ...rates, nonce }).toString('hex'), ofVersion4, 'without a key it is not said')
  const said = { ...report, ...about }
  const reportOf4 = encodeReport(said, 4).toString('hex')
  const echoed = encodeReport({ ...said, echo: nonce }, 6, atEdge)
  const text = echoed.toString('hex')
  const at = text.indexOf(nonce)
  t.equal(text.slice(0, at) + text.slice(at + 32, -56), `4d5a4e490006${reportOf4.slice(12, -8)}`)
  t.match(decodeReport(echoed, { edge, macs: controller }), { ...about, echo: nonce, version: 6 })
  const silent = decodeReport(encodeReport(said, 6, atEdge), { edge, macs: controller })
  t.notOk('echo' in silent, 'it may have heard none')
  t.notOk('echo' in decodeReport(encodeReport({ ...said, echo: nonce }, 5, atEdge), { edge, macs: controller }))
  t.end()
})

t.test('what is signed is read by the other end, and by nobody else', (t) => {
  const { controller, atEdge } = both(1)
  const rates = encodeRates(snapshot, controller)
  const said = encodeReport(report, 1, atEdge)
  t.same(decodeRates(rates, { edge, macs: atEdge }), { ...snapshot, version: 3, counted: false })
  t.match(decodeReport(said, { edge, macs: controller }), { version: 3, state: report.state })
  const strangers = {
    'another edge': new EdgeMacs([keyOf(1, 'mbeya-1')], 'edge'),
    'no key': null,
    'a later key': both(2).atEdge,
  }
  for (const [name, macs] of Object.entries(strangers)) {
    t.match(decodeRates(rates, { edge, macs }), { code: 'MAC' }, name)
    t.match(decodeReport(said, { edge, macs }), { code: 'MAC' }, name)
  }
  for (const version of [1, 2]) {
    t.match(
      decodeRates(encodeRates({ ...snapshot, version }), { edge, macs: atEdge }),
      { code: 'MAC' },
      'without a code',
    )
    t.match(decodeReport(encodeReport(report, version), { edge, macs: controller }), { code: 'MAC' }, 'without a code')
  }
  t.throws(() => encodeRates({ ...snapshot, version: 3 }), /not written here without a key/)
  t.end()
})

t.test('both pass to a new generation while they speak', (t) => {
  const { controller } = both(1, 2)
  const old = both(1).atEdge
  const rates = encodeRates(snapshot, controller)
  t.equal(controller.writes, 1, 'before a report the oldest')
  t.notOk(isRefusal(decodeRates(rates, { edge, macs: old })), 'who has the old one alone understands')
  t.equal(newestKeyIn(rates), 2, 'and hears that there is a new one')
  const renewed = both(1, 2).atEdge
  t.notOk(isRefusal(decodeReport(encodeReport(report, 1, renewed), { edge, macs: controller })))
  t.equal(controller.writes, 2, 'which is answered under as soon as it was shown')
  t.notOk(isRefusal(decodeRates(encodeRates(snapshot, controller), { edge, macs: renewed })))
  t.end()
})

t.test('20,000 messages changed, replayed under another name, or summed anew: none is taken', (t) => {
  const { controller, atEdge } = both(7)
  const foreign = new EdgeMacs([keyOf(7, 'mbeya-1')], 'edge')
  const whole = [
    encodeRates({ ...snapshot, counted: true }, controller),
    encodeRates({ ...snapshot, kind: 'delta' }, controller),
    encodeReport(report, 1, atEdge),
    encodeReport(sinceThen, 1, atEdge),
    encodeReport({ ...report, echo: 'ab'.repeat(16) }, 6, atEdge),
    // Under a key that another edge holds.
    encodeRates(snapshot, foreign),
    encodeReport(report, 1, foreign),
  ]
  const OWN = 5
  const codes = new Map<unknown, number>()
  for (let i = 0; i < 20_000; i++) {
    const original = whole[i % whole.length]!
    const changed = mutate(original, i)
    if (i % whole.length < OWN && changed.equals(original)) continue
    // As one who means harm would.
    if (changed.length > 4) changed.writeUInt32BE(crc32(changed.subarray(0, -4)), changed.length - 4)
    if (i % whole.length < OWN && changed.equals(original)) continue
    for (const result of [
      decodeRates(changed, { edge, macs: atEdge }),
      decodeReport(changed, { edge, macs: controller }),
    ])
      codes.set(codeOf(result), (codes.get(codeOf(result)) ?? 0) + 1)
  }
  t.equal(codes.get('accepted'), undefined)
  t.ok(codes.get('MAC')! > 5_000, `by the code alone: ${codes.get('MAC')}`)
  t.end()
})
