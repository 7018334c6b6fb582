// Two things a person may want of this machine without the agent: to read, to the letter, what an agent started now
// would do to it (`mizani edge --dry-run`), and to take away all that was ever set here (`mizani edge remove`).
//
// The first asks where the agent would ask and remembers what it would remember, reports nothing and changes nothing.
// The second is the only way in which anything of ours leaves a kernel: an agent never flushes.

import { join } from 'node:path'
import { type Clock, systemClock } from '../../runtime/clock.js'
import type { Settings } from '../../runtime/config.js'
import { MizaniError, messageOf, usageError } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { createLogger, type Logger } from '../../runtime/log.js'
import { isRefusal } from '../../wire/bytes.js'
import { bootId } from '../boot-id.js'
import { chooseDriver } from '../choose-driver.js'
import { chooseTransport } from '../choose-transport.js'
import type { Driver, Operation } from '../driver.js'
import { enforcementAt, goalOf, liftedBy } from '../goal.js'
import { type Content, emptyKeeping, receive } from '../lease-keeper.js'
import { createMemoryStore, type ProfileInForce } from '../memory.js'
import { bypassFile, createBypasses } from './bypasses.js'
import { edgeHere, socketOf } from './commands.js'
import { patiently } from './doctor.js'
import { refuseIfAnswered } from './local-socket.js'

interface Told {
  readonly profile: ProfileInForce
  readonly content: Content | null
}

/** Prints the batch for tc and the text for nft, or whatever else the driver would send. */
export async function runEdgeDryRun({ settings }: { readonly settings: Settings }, io: Io): Promise<number> {
  const edge = edgeHere(settings)
  const clock = systemClock
  const log = createLogger('edge', 'silent', io.stderr)
  const driver = await driverOf(settings, io, clock, log)
  try {
    const { profile, content } = await toldTo(edge, settings, io, clock, log)
    const bypasses = createBypasses(bypassFile(join(settings.data, 'edge'), edge), {
      clock,
      boot: bootId(),
      note: (text) => io.stderr.write(`${text}\n`),
    }).list()
    const enforcement = enforcementAt(profile.profile, clock.wall(), bypasses)
    const lifted = liftedBy(bypasses)
    const { desired } = goalOf({ profile, enforcement, content, held: null, step: 0, lifted })
    const operations = driver.plan(desired, await driver.observe())
    io.stdout.write(operationsText(operations, 'nothing to do: what stands is what should stand'))
  } finally {
    await driver.close()
  }
  return 0
}

export async function runEdgeRemove(
  { settings, dryRun }: { readonly settings: Settings; readonly dryRun: boolean },
  io: Io,
): Promise<number> {
  const clock = systemClock
  const driver = await driverOf(settings, io, clock, createLogger('edge', 'silent', io.stderr))
  try {
    const { removal } = driver
    if (!removal) {
      const message = `${driver.name} sets nothing that could be taken away from here.`
      throw new MizaniError({ code: 'NOT_SUPPORTED', message, exitCode: 2 })
    }
    const operations = removal.plan(await driver.observe())
    if (dryRun || operations.length === 0) {
      io.stdout.write(operationsText(operations, 'nothing to do: nothing of ours stands'))
      return 0
    }
    const advice = 'Stop it first (systemctl stop mizani-edge): it would set everything anew.'
    await refuseIfAnswered(socketOf(settings.data, edgeHere(settings)), advice)
    const refusal = await removal.carryOut(operations)
    if (refusal) throw new MizaniError({ code: 'KERNEL', message: refusal.detail, remedy: 'retry' })
    io.stdout.write(`${operationsText(operations, '')}# done; nothing of ours stands, and nothing is limited here\n`)
    return 0
  } finally {
    await driver.close()
  }
}

async function driverOf({ edge, deviceSecret }: Settings, io: Io, clock: Clock, log: Logger): Promise<Driver> {
  if (edge.driver === null)
    throw usageError('What enforces here?', 'Say --driver, or edge.driver in the settings file.')
  return chooseDriver(edge.driver, { ...edge, secret: deviceSecret ?? null }, { io, clock, log })
}

/** What the agent would be told, or where nobody can be asked what it remembers. */
async function toldTo(edge: string, settings: Settings, io: Io, clock: Clock, log: Logger): Promise<Told> {
  try {
    return await published(edge, settings, clock, log)
  } catch (error) {
    const { memory } = await createMemoryStore(join(settings.data, 'edge'), edge).load()
    if (memory) {
      io.stderr.write(`# ${messageOf(error)}: this is by what is remembered here\n`)
      return { profile: memory, content: memory.content }
    }
    const advice = 'Without a profile there is nothing to shape: `mizani edge doctor` says what is in the way.'
    const message = `${messageOf(error)}; and nothing is remembered here.`
    throw new MizaniError({ code: 'NOT_REACHED', message, advice, cause: error })
  }
}

async function published(edge: string, settings: Settings, clock: Clock, log: Logger): Promise<Told> {
  const transport = chooseTransport(settings, { edge, clock, log })
  transport.open({ linked() {}, received() {}, refused() {} })
  try {
    const profile = await patiently(() => transport.readProfile(), clock)
    if (profile === null) throw new Error('Nothing is published for this edge')
    if (isRefusal(profile)) throw new Error(`Its profile is not usable: ${profile.detail}`)
    const snapshot = await transport.readSnapshot()
    if (snapshot === null) return { profile, content: null }
    if (isRefusal(snapshot)) throw new Error(`Its rates are not usable: ${snapshot.detail}`)
    const { content } = receive(emptyKeeping(bootId()), snapshot, clock.monotonic()).keeping
    // Rates of another profile than the one at hand are about to be replaced; by boot rates the same classes are made.
    return { profile, content: content?.profile === profile.hash ? content : null }
  } finally {
    await transport.close()
  }
}

/** As it goes to the tools: each part could be pasted. */
function operationsText(operations: readonly Operation[], none: string): string {
  if (operations.length === 0) return `# ${none}\n`
  let tool = ''
  return operations
    .map(({ text }) => {
      const next = /^(qdisc|class|filter) /.test(text)
        ? '# tc -force -batch -\n'
        : /^(add table|delete table|flush map) /.test(text)
          ? '# nft -f -\n'
          : ''
      const head = next === tool ? '' : next
      tool = next
      return `${head}${text}\n`
    })
    .join('')
}
