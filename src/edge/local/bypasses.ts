// Limits lifted at the box: by someone who stands there, for a stated time and reason, with or without a controller.
//
// They are kept in a file of their own, written whole and renamed, so that a restart of the process or the machine
// neither forgets nor lengthens one. The end is kept twice: by the wall clock, which people read, and by the monotonic
// clock of the boot in which it was asked for, so that a clock set back does not lengthen it. Whichever comes first.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { EdgeProfile, LocalBypass } from '../../model/lease.js'
import type { Milliseconds, UnixMilliseconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { MizaniError, messageOf } from '../../runtime/errors.js'
import { MAX_BYPASS, MAX_BYPASSES_PER_EDGE, MAX_TEXT_LENGTH } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'

const keptShape = z.strictObject({
  institution: z.int().min(2).nullable(),
  since: z.int().min(0),
  until: z.int().min(0),
  reason: z.string().min(1).max(MAX_TEXT_LENGTH),
  boot: z.string(),
  /** On the monotonic clock of that boot. */
  endsAt: z.number(),
})
const fileShape = z.strictObject({ format: z.literal(1), bypasses: z.array(keptShape).max(MAX_BYPASSES_PER_EDGE) })
type Kept = z.infer<typeof keptShape>

export interface Bypasses {
  /** Those that hold now, the whole edge first. */
  list(): readonly LocalBypass[]
  /**
   * Lifts the limits of an institution (null: of the edge); one that was lifted already gets the new end and reason.
   */
  lift(institution: number | null, duration: Milliseconds, reason: string): LocalBypass
  /** Ends that one; undefined: all. Returns those that ended. */
  end(institution?: number | null): readonly LocalBypass[]
}

export const bypassFile = (stateDir: string, edge: string): string => join(stateDir, `${edge}.bypasses.json`)

/** `file` null: nowhere, they end with the process. What a damaged file said is void, and `note` is told. */
export function createBypasses(
  file: string | null,
  { clock, boot, note }: { readonly clock: Clock; readonly boot: string; note(text: string): void },
): Bypasses {
  let kept: readonly Kept[] = []
  try {
    if (file !== null) kept = fileShape.parse(JSON.parse(readFileSync(file, 'utf8'))).bypasses
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!absent) note(`${file} is ignored, and no limit is lifted by it: ${messageOf(error)}`)
  }

  const holds = ({ until, boot: of, endsAt }: Kept): boolean =>
    clock.wall() < until && (of !== boot || clock.monotonic() < endsAt)
  const current = (): Kept[] => kept.filter(holds)

  /** On the disk before it holds: a bypass that a restart forgets would end unannounced. */
  function keep(next: readonly Kept[]): void {
    if (file !== null && next.length === 0) rmSync(file, { force: true })
    else if (file !== null) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      writeFileSync(`${file}.new`, `${JSON.stringify({ format: 1, bypasses: next })}\n`, { mode: 0o600, flush: true })
      renameSync(`${file}.new`, file)
    }
    kept = next
  }

  return {
    list: () => current().map(shown).sort(edgeFirst),
    lift(institution, duration, reason) {
      const refuse = (message: string): never => {
        throw new MizaniError({ code: 'BAD_REQUEST', message })
      }
      if (!(duration > 0 && duration <= MAX_BYPASS)) refuse('A bypass lasts more than nothing and at most seven days.')
      const text = reason.trim()
      if (text === '' || text.length > MAX_TEXT_LENGTH) refuse('A bypass needs a reason that others can read later.')
      const others = current().filter((bypass) => bypass.institution !== institution)
      if (others.length >= MAX_BYPASSES_PER_EDGE) {
        refuse(`${others.length} institutions are lifted already; lift the limits of the whole edge instead.`)
      }
      const since = Math.floor(clock.wall())
      const until = since + Math.ceil(duration)
      const bypass = { institution, since, until, reason: text, boot, endsAt: clock.monotonic() + duration }
      keep([...others, bypass])
      return shown(bypass)
    },
    end(institution) {
      const all = current()
      const ends = institution === undefined ? all : all.filter((bypass) => bypass.institution === institution)
      keep(all.filter((bypass) => !ends.includes(bypass)))
      return ends.map(shown)
    },
  }
}

/**
 * What the controller is told: those that hold, and those that have ended while the driver still lets them through, for
 * others are given room on the strength of this word.
 */
export function toldOf(
  holding: readonly LocalBypass[],
  lifted: ReadonlySet<number> | undefined,
  now: UnixMilliseconds,
): readonly LocalBypass[] {
  const left = [...(lifted ?? [])].filter((index) => !holding.some(({ institution }) => institution === index))
  const at = Math.floor(now)
  return [
    ...holding,
    ...left.map((institution) => ({ institution, since: at, until: at, reason: 'ended, still in force' })),
  ]
}

/**
 * The institution that a word names at this edge: the id of one of its sites, or its own.
 * @throws MizaniError NOT_FOUND, with what there is.
 */
export function institutionNamed(profile: EdgeProfile | null, word: string): number {
  const institutions = profile?.institutions ?? []
  const found = institutions.find(({ id, sites }) => id === word || sites.some((site) => site.id === word))
  if (found) return found.index
  const near = institutions.flatMap(({ sites }) => sites.map(({ id }) => id)).filter((id) => id.includes(word))
  const advice =
    near.length > 0
      ? `Did you mean ${near.slice(0, 5).join(', ')}?`
      : '`mizani edge status` lists the sites of this edge; without a name the whole edge is meant.'
  throw new MizaniError({ code: 'NOT_FOUND', message: `No site of this edge is called "${word}".`, advice })
}

const shown = ({ institution, since, until, reason }: Kept): LocalBypass => ({ institution, since, until, reason })

const edgeFirst = (a: LocalBypass, b: LocalBypass): number => (a.institution ?? -1) - (b.institution ?? -1)
