// Profiles have one spelling, and names in the stores are told apart by it.

import t from 'tap'
import { canonicalJson } from '../../src/model/canonical.js'
import type { EdgeProfile } from '../../src/model/lease.js'
import { encodeProfile, inFormat1 } from '../../src/wire/profile.js'
import { decodeProfile } from '../../src/wire/profile-reader.js'
import { keys } from '../../src/wire/redis-keys.js'
import { mutate, profile, profile2 } from './samples.js'

const refusalOf = (value: unknown): unknown => decodeProfile(Buffer.from(JSON.stringify(value)))

t.test('a profile is read as it was written, with its version', (t) => {
  const { bytes, hash } = encodeProfile(profile)
  t.match(hash, /^[0-9a-f]{16}$/)
  t.strictSame(decodeProfile(bytes), { profile, hash })
  t.equal(hash, '660fefcf4af3f0fa', 'its spelling does not change')
  const second = encodeProfile(profile2)
  t.strictSame(decodeProfile(second.bytes), { profile: profile2, hash: second.hash })
  t.equal(second.hash, '5e282d282cfa5e41', 'nor does that of format 2')
  t.same(inFormat1(profile2), profile, 'without what it adds it is the one of format 1')
  t.end()
})

t.test('the order in which a profile was put together does not matter, what it says does', (t) => {
  const reversed = Object.fromEntries(Object.entries(profile).reverse()) as unknown as EdgeProfile
  t.equal(encodeProfile(reversed).hash, encodeProfile(profile).hash)
  t.not(encodeProfile({ ...profile, bootRate: 64_000 }).hash, encodeProfile(profile).hash)
  t.equal(canonicalJson({ b: [{ z: 1, a: null }], a: 'é' }), '{"a":"é","b":[{"a":null,"z":1}]}')
  t.end()
})

t.test('what is no profile is refused with the place', (t) => {
  t.match(refusalOf({ ...profile, format: 3 }), { code: 'PROFILE', detail: /^\/format: / })
  t.match(refusalOf({ ...profile, format: 2 }), { code: 'PROFILE', detail: /^\/institutions\/0\/promised: / })
  t.match(refusalOf({ ...profile2, format: 1 }), { code: 'PROFILE', detail: /promised/ })
  t.match(refusalOf({ ...profile, port: { down: -1, up: 1 } }), { code: 'PROFILE', detail: /^\/port\/down: / })
  t.match(refusalOf({ ...profile, surprise: true }), { code: 'PROFILE', detail: /surprise/ })
  t.match(refusalOf({ ...profile, services: [{ index: 0, id: 'x', prefixes: ['10.0.0.0'] }] }), { code: 'PROFILE' })
  t.match(refusalOf(null), { code: 'PROFILE' })
  t.match(decodeProfile(Buffer.from('{')), { code: 'PROFILE', detail: 'the profile is not JSON' })
  t.match(decodeProfile(Buffer.from([0xff, 0xfe])), { code: 'PROFILE', detail: 'the profile is not UTF-8' })
  t.end()
})

t.test('2,000 damaged profiles: none throws', (t) => {
  const { bytes, hash } = encodeProfile(profile)
  for (let seed = 0; seed < 2_000; seed++) {
    const damaged = mutate(bytes, seed)
    const result = decodeProfile(damaged)
    if (!damaged.equals(bytes) && 'hash' in result && result.hash === hash)
      t.fail(`seed ${seed} passes for the original`)
  }
  t.end()
})

t.test('names of planes and edges never meet, and share the tag of their plane', (t) => {
  const names = ['taifa', 'taifa2', 'pwani'].flatMap((plane) => {
    const k = keys(plane)
    const ofPlane = [k.head, k.policyHead, k.policyDoc(1), k.policyDoc(11), k.index, k.enforcement, k.policyChanged]
    return [...ofPlane, ...['dar-1', 'dar-11', 'dar'].flatMap((edge) => Object.values(k.edge(edge)))].map((name) => {
      t.ok(name.startsWith(`mz:{${plane}}:`))
      return name
    })
  })
  t.equal(new Set(names).size, names.length)
  t.equal(keys('taifa').snap('dar-1'), 'mz:{taifa}:e:dar-1:snap')
  t.end()
})
