// A process for one question, from outside: it is started behind a guard, heard, and ended when its time or its memory
// is used up, when somebody cancels it, or when this process is gone, however.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { refusedWith, type SimulationRefusal } from '../../model/simulation.js'
import type { Bytes, Milliseconds } from '../../model/units.js'
import type { Clock, Timer } from '../../runtime/clock.js'
import { exitOf, killGroup, spawnGuarded } from '../../runtime/guarded.js'
import { MAX_SIMULATION_MEMORY, SIMULATION_TIME } from '../../runtime/limits.js'
import { THREAD_ARGUMENTS } from '../../runtime/pool.js'

/** What the process says, a line each. */
export type ChildWord =
  | { readonly at: 'begun'; readonly pid: number }
  | { readonly at: 'work'; readonly done: number; readonly of: number; readonly what: string }
  | { readonly at: 'end' }
  | ({ readonly at: 'refused' } & SimulationRefusal)

export interface Bounds {
  readonly time: Milliseconds
  readonly memory: Bytes
  /** Whether all others come before it at the processor. */
  readonly isLast: boolean
}

export const BOUNDS: Bounds = { time: SIMULATION_TIME, memory: MAX_SIMULATION_MEMORY, isLast: true }
/** The argument that says so. */
export const LAST = 'last'

export interface Running {
  /** Null: there is an answer; else why there is none. */
  readonly ended: Promise<SimulationRefusal | null>
  /** Ends it, whatever it does. */
  kill(): void
}

/** Of its first thread; the rest of its memory is that of the others and what they share. */
const HEAP_MB = 384
const LOOK: Milliseconds = 500
const PAGE: Bytes = 4_096

/**
 * Starts the process of a question.
 * @param tell how much is done, from 0 to 1
 */
export function startProcess(folder: string, clock: Clock, bounds: Bounds, tell: (part: number) => void): Running {
  const file = fileURLToPath(new URL('./child.js', import.meta.url))
  const words = [`--max-old-space-size=${HEAP_MB}`, ...THREAD_ARGUMENTS, file, ...(bounds.isLast ? [LAST] : [])]
  const { PATH = '' } = process.env
  const child = spawnGuarded(process.execPath, words, { cwd: folder, env: { PATH }, isHeard: true })
  let refusal: SimulationRefusal | null = null
  let hasAnswered = false
  let pid: number | null = null
  const end = (why: SimulationRefusal): void => {
    refusal ??= why
    killGroup(child)
  }
  const hear = (word: ChildWord): void => {
    if (word.at === 'begun') pid = word.pid
    else if (word.at === 'work') tell(word.of > 0 ? Math.min(1, word.done / word.of) : 0)
    else if (word.at === 'end') hasAnswered = true
    else refusal ??= { code: word.code, message: word.message, faults: word.faults }
  }
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    const lines = `${rest}${piece}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const word = wordIn(line)
      if (word !== null) hear(word)
    }
  })
  let last = ''
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    last = `${last}${piece}`.slice(-2_000)
  })
  const late = clock.setTimer(bounds.time, () => end(tooLong(bounds.time)))
  const watch = watchMemory(
    () => pid,
    bounds.memory,
    clock,
    () => end(tooLarge(bounds.memory)),
  )
  const closed = new Promise<void>((done) => child.once('close', () => done()))
  const ended = exitOf(child).then(async (code) => {
    late.cancel()
    watch.cancel()
    killGroup(child)
    // Its last words may still be on their way.
    if (child.pid !== undefined) await closed
    if (refusal !== null || hasAnswered) return refusal
    return died(code, firstLine(last))
  })
  return { ended, kill: () => end(CANCELLED) }
}

/** Null: it is none, such as a line that a library prints. */
function wordIn(line: string): ChildWord | null {
  try {
    return JSON.parse(line) as ChildWord
  } catch {
    return null // as said above
  }
}

const firstLine = (text: string): string => text.trim().split('\n', 1)[0] ?? ''

export const CANCELLED = refusedWith('CANCELLED', { en: 'It was cancelled.', sw: 'Limefutwa.' })

const tooLong = (time: Milliseconds): SimulationRefusal =>
  refusedWith('PAYLOAD_TOO_LARGE', {
    en: `It took longer than ${time / 1_000} s. The command of mizani does it without a limit, on another machine.`,
    sw: `Lilizidi sekunde ${time / 1_000}. Amri ya mizani hulifanya bila kikomo, kwenye kompyuta nyingine.`,
  })

function tooLarge(memory: Bytes): SimulationRefusal {
  const most = Math.round(memory / 1024 ** 2)
  return refusedWith('PAYLOAD_TOO_LARGE', {
    en: `It took more than ${most} MiB of memory.`,
    sw: `Lilihitaji kumbukumbu zaidi ya MiB ${most}.`,
  })
}

const died = (code: number | null, said: string): SimulationRefusal =>
  refusedWith('INTERNAL', {
    en: `It ended with code ${code}: ${said}`,
    sw: `Lilikoma lenyewe kwa msimbo ${code}: ${said}`,
  })

/** Looks now and then at what the kernel says that it holds; where there is nothing to be read, its heap is bounded. */
function watchMemory(pidOf: () => number | null, most: Bytes, clock: Clock, over: () => void): Timer {
  let isOver = false
  let timer = clock.setTimer(LOOK, look)
  async function look(): Promise<void> {
    const pid = pidOf()
    const statm = pid === null ? '' : await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '') // see above
    const resident = Number(statm.split(' ')[1] ?? 0) * PAGE
    if (resident > most && !isOver) over()
    if (!isOver) timer = clock.setTimer(LOOK, look)
  }
  return {
    cancel() {
      isOver = true
      timer.cancel()
    },
  }
}
