// What people and monitoring do to the network without changing its policy: overrides, modes, link states, freeze. All
// of it is in the register; the tick applies it, and its end, by itself. An override meets the guards and tests that it
// would meet as a revision, or it would be the way round them. Nothing else here needs a second person: a mode was
// approved when it was written, what ends ends, and a cut cable waits for nobody.

import type { Alarm, SeenElsewhere } from '../model/alarm.js'
import type { Preview } from '../model/preview.js'
import type { Scope } from '../model/principal.js'
import type { Asker } from '../model/revision.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import { breakableOf, namesIn, unknown } from '../policy/document/names.js'
import { type Patch, patch as patchSchema } from '../policy/document/prepared.js'
import { patchFaults } from '../policy/document/prepared-rules.js'
import type { Freeze, ModeSwitch, Override } from '../policy/in-force/holding.js'
import { afterEvent, factorNow, type LinkEvent, type LinkState } from '../policy/in-force/link-state.js'
import { type Edit, fieldOf, REMEMBERED, type Register } from '../policy/in-force/register.js'
import { assertPatchInScope } from '../policy/revisions/scope.js'
import type { Clock } from '../runtime/clock.js'
import { type Fault, MizaniError } from '../runtime/errors.js'
import { MAX_OVERRIDES_EACH } from '../runtime/limits.js'
import { pointerTo, shapeFaults } from '../runtime/shape-faults.js'
import { type Beside, besideNow, isPast, judgeAnew } from './beside.js'
import { frozen, type PolicyChanges } from './policy-changes.js'
import type { PolicyState } from './policy-state.js'
import { idInRegister, knownAs } from './register-ids.js'

/** An override is for a while; what lasts longer is a change of the policy. */
const LONGEST: Milliseconds = 90 * 86_400_000

/** Of an alarm, as others are told of it. */
const MOST_MEMBERS = 20
const seenAs = ({ code, at }: SeenElsewhere): string => fieldOf.seen(`${code}.${at}`)

export interface OverrideRequest {
  readonly patch: unknown
  /** Now when absent. */
  readonly from?: UnixMilliseconds | undefined
  readonly until: UnixMilliseconds
  readonly reason: string
  readonly reference: string | null
  readonly owner?: string | undefined
  readonly author: string
  /** What the author may change; null or absent: everything. */
  readonly scope?: Scope | null | undefined
  /** Names the write: the same one again is the same override. */
  readonly request?: string | undefined
}

export interface Deed {
  readonly author: string
  readonly reason: string
}

interface ScopedDeed extends Deed {
  /** What the author may change; null or absent: everything. */
  readonly scope?: Scope | null | undefined
}

/** Whether something may be in force for a while. */
type Judges = Pick<PolicyChanges, 'judge' | 'judgeEnd' | 'inTurn' | 'lookWithout'>

export class Interventions {
  readonly #policy: PolicyState
  readonly #changes: Judges
  readonly #clock: Clock

  constructor(policy: PolicyState, changes: Judges, clock: Clock) {
    this.#policy = policy
    this.#changes = changes
    this.#clock = clock
  }

  get inForce(): Register {
    return this.#policy.register
  }

  /**
   * Puts a change in force for a while.
   * @throws MizaniError POLICY_INVALID (what it says, its hours, or another override of the same field at that time),
   * READ_ONLY while frozen, TESTS_FAILED, APPROVAL_REQUIRED as a revision that says the same.
   */
  addOverride(request: OverrideRequest): Promise<Override> {
    const add = () => this.#add(request)
    // What a scope may hold is a sum: who adds to it is judged after whoever did so before.
    return request.scope ? this.#changes.inTurn(add, request.author) : add()
  }

  async #add(request: OverrideRequest): Promise<Override> {
    const { patch: input, until, reason, reference, author, ...rest } = request
    const at = this.#clock.wall()
    const from = rest.from ?? at
    const patch = this.#checked(input, from, until, at)
    assertPatchInScope(this.#policy.document, patch.on, rest.scope ?? null)
    const id = idInRegister('ov', rest.request)
    // Made already, by a write whose answer was lost: that is not judged again.
    const isMade = knownAs(id, rest.request, this.#policy.register.overrides, at) !== undefined
    const { freeze } = this.#policy.register
    if (!isMade && freeze !== null) throw frozen(freeze)
    const judged = besideNow(this.#policy)
    if (!isMade) {
      assertRoom(this.#policy.register, author, at)
      await this.#changes.judge({ patch, from: Math.max(from, at), until }, rest.scope ?? null)
    }
    let isLate = false
    const override = { id, patch, from, until, reason, reference, owner: rest.owner ?? author, author, at }
    let known: Override | undefined
    await this.#policy.edit((now) => {
      known = knownAs(id, rest.request, now.overrides, at)
      if (known !== undefined) return {}
      if (now.freeze !== null) throw frozen(now.freeze)
      const other = now.overrides.find((present) => collides(present, override))
      if (other !== undefined) throw overlap(other)
      assertRoom(now, author, at)
      isLate = Boolean(rest.scope) && !isMade && isPast(judged, now)
      if (isLate) return {}
      return { [fieldOf.override(id)]: override, ...forgotten(now, at) }
    })
    if (!isLate) return known ?? override
    await judgeAnew(this.#policy, judged)
    return this.#add(request)
  }

  /** @throws MizaniError NOT_FOUND; FORBIDDEN where a scope holds more without it than it may. */
  endOverride(id: string, deed: ScopedDeed): Promise<Override> {
    const { scope, author } = deed
    if (!scope) return this.#endNow(id, deed)
    return this.#changes.inTurn(async () => {
      for (;;) {
        const judged = besideNow(this.#policy)
        await this.#changes.judgeEnd(id, scope)
        const ended = await this.#endNow(id, deed, judged)
        if (ended !== undefined) return ended
        await judgeAnew(this.#policy, judged)
      }
    }, author)
  }

  /** @param judged beside what it was judged; undefined comes back where that holds no more */
  async #endNow(id: string, deed: Deed, judged: Beside): Promise<Override | undefined>
  async #endNow(id: string, deed: Deed): Promise<Override>
  async #endNow(id: string, { author, reason }: Deed, judged: Beside | null = null): Promise<Override | undefined> {
    const at = this.#clock.wall()
    let ended: Override | undefined
    await this.#policy.edit((now) => {
      ended = undefined
      const present = now.overrides.find((override) => override.id === id)
      if (present === undefined) throw notFound('override', id)
      if (judged !== null && isPast(judged, now)) return {}
      // One that has not begun never holds; one that has ended stays as it was.
      const until = Math.min(present.until, Math.max(at, present.from))
      ended = { ...present, until: at < present.from ? present.from : until, reason: ending(present, author, reason) }
      return present.until <= at ? {} : { [fieldOf.override(id)]: ended }
    })
    return ended
  }

  /** Switches a mode of the policy on, or keeps it on for longer. @throws MizaniError NOT_FOUND, POLICY_INVALID. */
  async activate(mode: string, until: UnixMilliseconds | null, { author, reason }: Deed): Promise<ModeSwitch> {
    const about = this.#policy.document.modes[mode]
    if (about === undefined) throw notFound('mode', mode)
    const from = this.#clock.wall()
    const latest = from + about.atMost * 60_000
    if (until !== null && (until <= from || until > latest)) {
      throw refused('until', `expected a time after now and before ${new Date(latest).toISOString()}`)
    }
    const on = { mode, from, until: until ?? latest, reason, author }
    await this.#policy.edit(() => ({ [fieldOf.mode(mode)]: on }))
    return on
  }

  /** @throws MizaniError NOT_FOUND when it is not on. */
  async end(mode: string, { author, reason }: Deed): Promise<ModeSwitch> {
    const at = this.#clock.wall()
    let ended: ModeSwitch | undefined
    await this.#policy.edit((now) => {
      const present = now.modes.find((on) => on.mode === mode && at < on.until)
      if (present === undefined) throw notFound('mode that is on', mode)
      ended = { ...present, until: at, reason: ending(present, author, reason) }
      return { [fieldOf.mode(mode)]: ended }
    })
    return ended!
  }

  async freeze({ author, reason }: Deed): Promise<Freeze> {
    let freeze: Freeze = { since: this.#clock.wall(), author, reason }
    await this.#policy.edit((now) => {
      if (now.freeze === null) return { [fieldOf.freeze]: freeze }
      freeze = now.freeze
      return {}
    })
    return freeze
  }

  async unfreeze(): Promise<void> {
    await this.#policy.edit((now) => (now.freeze === null ? {} : { [fieldOf.freeze]: null }))
  }

  /** The word of a monitoring system, or of an edge whose own uplink falls. @throws MizaniError NOT_FOUND. */
  async reportLink(event: Omit<LinkEvent, 'at'>): Promise<LinkState> {
    this.#assertBreakable(event.link)
    const at = this.#clock.wall()
    const isSame = ({ link, edge }: LinkState): boolean => link === event.link && edge === event.edge
    const register = await this.#policy.edit((now) => {
      const before = now.links.find(isSame)
      const after = afterEvent(before, { ...event, at })
      return after === before ? {} : { [fieldOf.link(event.link, event.edge)]: after }
    })
    return register.links.find(isSame)!
  }

  /** Who would have what if so much were left of a link or group; nothing is kept. @throws NOT_FOUND, RATE_LIMITED. */
  async whatIfLink(link: string, factor: number, asker: Asker): Promise<Preview> {
    this.#assertBreakable(link)
    return this.#changes.lookWithout({ [link]: factor }, asker)
  }

  #assertBreakable(link: string): void {
    const known = breakableOf(namesIn(this.#policy.document))
    if (known.has(link)) return
    throw new MizaniError({ code: 'NOT_FOUND', message: `${unknown('link or group', link, known)}.` })
  }

  /** Somebody has acknowledged an alarm: the other controllers of the plane have it under another id. */
  async noteSeen({ code, members, acknowledged }: Alarm): Promise<void> {
    if (acknowledged === null) return
    const seen = { code, members: members.slice(0, MOST_MEMBERS), ...acknowledged }
    const old = acknowledged.at - REMEMBERED
    await this.#policy.edit(({ seen: known }) => ({
      ...Object.fromEntries(known.filter(({ at }) => at < old).map((past) => [seenAs(past), null])),
      [seenAs(seen)]: seen,
    }))
  }

  /** What counts of a word about a link now: 0 is a cut, 1 is up. */
  factorOf(state: LinkState): number {
    return factorNow(state, this.#clock.wall())
  }

  #checked(input: unknown, from: UnixMilliseconds, until: UnixMilliseconds, now: UnixMilliseconds): Patch {
    const parsed = patchSchema.safeParse(input)
    const faults: Fault[] = parsed.success ? [] : shapeFaults(parsed.error.issues, ['patch'])
    if (parsed.success) {
      patchFaults(this.#policy.document, parsed.data, ['patch'], (code, path, message) => {
        faults.push({ code, pointer: pointerTo(path), message })
      })
    }
    if (until <= Math.max(now, from) || until > now + LONGEST) {
      const latest = new Date(now + LONGEST).toISOString()
      const message = `expected a time after its beginning and now, and before ${latest}`
      faults.push({ code: 'INVALID', pointer: '/until', message })
    }
    if (faults.length === 0 && parsed.success) return parsed.data
    throw new MizaniError({ code: 'POLICY_INVALID', message: 'The override cannot be put in force:', faults })
  }
}

/** @throws MizaniError RATE_LIMITED for somebody who has put more in force than one may. */
function assertRoom({ overrides }: Register, author: string, at: UnixMilliseconds): void {
  const count = overrides.filter((one) => one.author === author && one.until > at).length
  if (count < MAX_OVERRIDES_EACH) return
  throw new MizaniError({
    code: 'RATE_LIMITED',
    message: `${author} has ${count} overrides that have not ended; one account has at most ${MAX_OVERRIDES_EACH}.`,
    advice: 'End some of them, or lay one over a region, a category or a tier; what is to last is a change of policy.',
  })
}

/** Whether both set the same field of the same subject at the same time. */
function collides(a: Pick<Override, 'patch' | 'from' | 'until'>, b: typeof a): boolean {
  if (a.from >= b.until || b.from >= a.until) return false
  if (JSON.stringify(a.patch.on) !== JSON.stringify(b.patch.on)) return false
  const both = <T>(x: T | undefined, y: T | undefined): boolean => x !== undefined && y !== undefined
  const services = Object.keys(a.patch.ceilings ?? {}).filter((id) => id in (b.patch.ceilings ?? {}))
  return both(a.patch.tier, b.patch.tier) || both(a.patch.factor, b.patch.factor) || services.length > 0
}

/** Overrides that ended long ago leave the register. */
function forgotten(now: Register, at: UnixMilliseconds): Edit {
  const old = now.overrides.filter(({ until }) => until < at - REMEMBERED)
  return Object.fromEntries(old.map(({ id }) => [fieldOf.override(id), null]))
}

const ending = ({ reason }: { readonly reason: string }, author: string, why: string): string =>
  `${reason}; ended by ${author}: ${why}`

const notFound = (what: string, id: string): MizaniError =>
  new MizaniError({ code: 'NOT_FOUND', message: `There is no ${what} "${id}".` })

const refused = (field: string, message: string): MizaniError =>
  new MizaniError({
    code: 'POLICY_INVALID',
    message: `${field}: ${message}.`,
    faults: [{ code: 'INVALID', pointer: `/${field}`, message }],
  })

function overlap({ id, author, from, until, reason }: Override): MizaniError {
  const hours = `${new Date(from).toISOString()} to ${new Date(until).toISOString()}`
  const message = `override ${id} of ${author} sets the same from ${hours} (${reason}); end it first`
  return new MizaniError({
    code: 'POLICY_INVALID',
    message: 'Two overrides cannot set one field at one time.',
    faults: [{ code: 'OVERLAP', pointer: '/patch', message }],
  })
}
