// Only what differs is typed in, and then the router has what the whole text says: shown on a router that keeps lines
// as IOS does, and refuses what IOS refuses.

import t from 'tap'
import { renderIosXe } from '../../src/gateways/ios-xe.js'
import { differenceIosXe } from '../../src/gateways/ios-xe-difference.js'
import { edgeProfile, rateRecord } from '../edge/fixtures.js'
import { generator } from '../wire/samples.js'

type Lines = Map<string, Lines>

/** What is said again, or of which there is one, takes the place of what was said. */
const ONE_OF = ['description', 'shape', 'police', 'bandwidth', 'priority']

class Router {
  readonly lines: Lines = new Map()

  /** @throws where IOS says no */
  type(text: string): void {
    const path: Lines[] = [this.lines]
    for (const line of text.split('\n')) {
      const said = line.trim()
      if (said === '' || said === 'end' || said.startsWith('!')) continue
      const depth = line.search(/\S/)
      path.length = depth + 1
      const here = path.at(-1)
      if (here === undefined) throw new Error(`${line} stands under nothing`)
      path.push(this.#say(here, said))
      this.#check(said)
    }
  }

  #say(here: Lines, said: string): Lines {
    if (said.startsWith('no ')) {
      const gone = said.slice(3)
      if (!here.has(gone)) throw new Error(`there is no ${gone}`)
      const [kind, ...words] = gone.split(' ')
      const name = words.at(-1)!
      if (here === this.lines && kind === 'policy-map') this.#refuseUsed(`service-policy`, name)
      if (here === this.lines && kind === 'class-map') this.#refuseUsed('class', name)
      here.delete(gone)
      return new Map()
    }
    const [verb = '', way] = said.split(' ')
    const isSame = (other: string): boolean => {
      if (other === said) return false
      if (verb === 'service-policy')
        return other.startsWith(`service-policy ${way === 'input' || way === 'output' ? way : ''}`)
      return ONE_OF.includes(verb) && other.startsWith(`${verb} `)
    }
    const other = [...here.keys()].find(isSame)
    if (other !== undefined && verb === 'service-policy') throw new Error(`${other} stands where ${said} should`)
    if (other !== undefined) here.delete(other)
    const below = here.get(said) ?? new Map()
    here.set(said, below)
    return below
  }

  #refuseUsed(verb: string, name: string): void {
    for (const [head, lines] of this.#all(this.lines))
      for (const line of lines.keys())
        if (line.startsWith(`${verb} `) && line.endsWith(` ${name}`)) throw new Error(`${name} is in use: ${head}`)
  }

  *#all(lines: Lines): Generator<readonly [string, Lines]> {
    for (const [head, below] of lines) {
      yield [head, below]
      yield* this.#all(below)
    }
  }

  /** A name must stand for something by then; a class has one kind of bandwidth. */
  #check(said: string): void {
    const [, map] = /^service-policy (?:(?:in|out)put )?(\S+)$/.exec(said) ?? []
    if (map !== undefined && !this.lines.has(`policy-map ${map}`)) throw new Error(`there is no policy-map ${map}`)
    const [, of] = /^class (MIZANI-\S+)$/.exec(said) ?? []
    if (of !== undefined && !this.lines.has(`class-map match-any ${of}`)) throw new Error(`there is no class-map ${of}`)
    for (const [head, lines] of this.#all(this.lines)) {
      const kinds = [...lines.keys()].filter((line) => /^(bandwidth|priority) /.test(line))
      if (kinds.length > 1) throw new Error(`${head} has ${kinds.join(' and ')}`)
    }
  }

  /** In no order, without what has nothing in it: an interface stays when its policies go. */
  get said(): unknown {
    const plain = (lines: Lines): unknown[] =>
      [...lines].map(([text, below]) => [text, plain(below)]).sort((a, b) => (String(a) < String(b) ? -1 : 1))
    return plain(new Map([...this.lines].filter(([text, below]) => !text.startsWith('interface ') || below.size > 0)))
  }
}

const { institutions, classes } = edgeProfile()
const [posta, tra] = institutions
const below = generator(20261201)
const random = (): number => below(1_000_000) / 1_000_000
const pick = <T>(...all: readonly T[]): T => all[Math.floor(random() * all.length)]!

/** The edge as some revision has it: sites come, go and move, classes and rates change. */
function someRevision(revision: number) {
  const site = (base: NonNullable<typeof posta>, n: number) => ({
    ...base.sites[0]!,
    ...{ id: `${base.sites[0]!.id}-${n}`, vlan: pick(100, 101, null) === null ? null : base.index * 10 + n },
  })
  const bodies = [posta!, tra!].flatMap((one) =>
    random() < 0.2 ? [] : [{ ...one, sites: Array.from({ length: pick(1, 1, 2) }, (_, n) => site(one, n)) }],
  )
  const dscp: Record<string, number[]> = {
    realtime: pick([46], [46], [40]),
    business: pick([10, 12], [10, 12, 14, 18, 20, 22, 26, 28, 30], [30]),
  }
  const some = classes.slice(0, 3).filter(({ id }) => id === 'standard' || random() < 0.8)
  const profile = edgeProfile({
    institutions: bodies,
    classes: some.map((one) => ({ ...one, weight: pick(one.weight, 2), dscp: dscp[one.id] ?? [] })),
  })
  const kbps = (): number => pick(4_000, 4_000, 100_000, 16)
  const rates = [rateRecord(2, 0, kbps()), rateRecord(2, 1, kbps()), rateRecord(3, 0, kbps()), rateRecord(3, 1, kbps())]
  const interfaces = new Map(random() < 0.3 ? [[`${posta!.sites[0]!.id}-0`, pick('Gi0/0/2', 'Gi0/0/3')]] : [])
  return { revision, ...renderIosXe(profile, rates, { port: 'GigabitEthernet0/0/1', revision, interfaces }) }
}

t.test(
  'whatever a router had, the difference makes it what the new text says, and IOS refuses no line of it',
  async (t) => {
    let typed = 0
    let shorter = 0
    for (let k = 0; k < 500; k++) {
      const [from, to] = [someRevision(1), someRevision(2)]
      const [router, wanted] = [new Router(), new Router()]
      router.type(from.text)
      wanted.type(to.text)
      const text = differenceIosXe({ edge: 'dar-1', from, to })
      try {
        router.type(text)
      } catch (error) {
        t.fail(`${k}: ${error}\n${from.text}\n${text}`)
        break
      }
      if (JSON.stringify(router.said) !== JSON.stringify(wanted.said)) {
        t.same(router.said, wanted.said, `${k}:\n${from.text}\n${text}`)
        break
      }
      typed += text === '' ? 0 : 1
      if (text.length < to.text.length) shorter++
    }
    t.ok(typed > 400, `${typed} differ`)
    t.ok(shorter > 200, `${shorter} are shorter than the whole`)
  },
)

t.test('a rate that has changed is three lines below its policy, and nothing is nothing', async (t) => {
  const text = (revision: number, down: number) => {
    const sites = posta!.sites.map((site) => ({ ...site, vlan: 105 }))
    const profile = edgeProfile({ institutions: [{ ...posta!, sites }], classes: [{ ...classes.at(-1)!, dscp: [] }] })
    const rates = [rateRecord(2, 0, down), rateRecord(2, 1, 1_000)]
    return { revision, ...renderIosXe(profile, rates, { port: 'GigabitEthernet0/0/1', revision }) }
  }
  const from = text(7, 4_000)
  t.equal(
    differenceIosXe({ edge: 'dar-1', from, to: text(9, 8_000) }),
    `! Mizani, edge dar-1, from revision 7 to revision 9.
! Only for a router that has the former. Experimental: never run on a router.
! When it is in force: mizani edge confirm dar-1 --revision 9
!
policy-map MIZANI-2-DOWN
 class class-default
  shape average 8000000 32000 0
!
end
`,
  )
  t.equal(differenceIosXe({ edge: 'dar-1', from, to: text(9, 4_000) }), '', 'revisions say the same')
})
