// `mizani edge install`: a gateway from nothing to observing. The program, a user without rights, folders, settings, a
// unit, the one-time token traded, the unit started. What is there stays as it is, but for the program, which becomes
// this one: so a line that is pasted again does no harm, and a later line is an upgrade. Nothing is limited until
// somebody orders it: a gateway that has joined observes.

import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { type Clock, systemClock } from '../../runtime/clock.js'
import { loadSettings, type Settings } from '../../runtime/config.js'
import { MizaniError, messageOf, usageError } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { createLogger } from '../../runtime/log.js'
import type { DriverName } from '../../runtime/settings.js'
import { IS_ONE_FILE, shippedText } from '../../runtime/shipped-text.js'
import { writeWhole } from '../../runtime/whole-file.js'
import { chooseDriver } from '../choose-driver.js'
import { exec, follow } from '../drivers/linux-htb/exec.js'
import { type JoinSettings, type PastedLine, readLine, tradeLine, wordsOf } from '../join.js'
import { socketOf } from './commands.js'
import { guessInterfaces } from './interfaces.js'
import { localRequest } from './local-socket.js'
import type { EdgeStatusPage } from './picture.js'

const UNIT = 'mizani-edge.service'
const USER = 'mizani'
const HOME = '/var/lib/mizani'
const SETTINGS = '/etc/mizani/edge.yaml'
const USERS = '/usr/lib/sysusers.d/mizani-edge.conf'
const PROGRAM = '/usr/local/lib/mizani/mizani-edge.mjs'
const COMMAND = '/usr/local/bin/mizani'
/** What the unit says runs it, before it is known what does here: Node, how it is to spend memory, the program. */
const SHIPPED_PROGRAM = /\/usr\/bin\/node((?: --[\w=-]+)*) \/opt\/mizani\/dist\/src\/cli\.js/
/** Rates come within a second or two; a profile by satellite takes longer. */
const HEARD_WITHIN = 30_000
/** Seconds, for each of the two calls. */
const PACKAGES_WITHIN = '300'
const NOTHING_YET = 'Nothing was changed here.'

export interface InstallArgs {
  /** Where the machine's files begin: "/", or the root of an image. */
  readonly root: string
  readonly start: boolean
  readonly driver: DriverName | undefined
  readonly lan: string | undefined
  readonly wan: string | undefined
  readonly settings: Omit<JoinSettings, 'data'>
}

type Own = Pick<Settings['edge'], 'lan' | 'wan'> & { readonly driver: DriverName }

/** Resolves with the exit code: 1 where it runs and hears nothing. @throws MizaniError, having said what to do. */
export async function runEdgeInstall(args: InstallArgs, io: Io): Promise<number> {
  const say = (text: string): unknown => io.stderr.write(`${text}\n`)
  const at = (path: string): string => join(args.root, path)
  const line = await readLine(args.settings, io)
  // Programs that are run from here on need not know it.
  Reflect.deleteProperty(process.env, 'MIZANI_JOIN')
  if (args.root === '/') assertForAll(process.execPath)
  const { own, isNew } = ownSettings(line, args, at(SETTINGS), say)
  makeFolders(at)
  if (args.root === '/') await addPackages(own, io, say)
  // Before the token is spent on interfaces that cannot be.
  await tellObstacles(own, io, say)
  put(at(USERS), `u ${USER} - "Mizani edge agent" ${HOME}\n`, 0o644)
  const user = await makeUser(args.root, say)
  const { inClear } = args.settings
  say(wordsOf(await actingAs(user, () => tradeLine(line, { data: at(HOME), inClear }, args.root.replace(/\/$/, '')))))
  const wrote = [
    ...writeProgram(at, say),
    ...(isNew ? put(at(SETTINGS), settingsText(line.edge, own, args), 0o644) : []),
    ...writeUnit(at(`/etc/systemd/system/${UNIT}`), say),
  ]
  for (const path of wrote) io.stdout.write(`${path}\n`)
  return begin(line.edge, args, say)
}

/** The unit sees no home, and the agent is not who installed Node there. */
function assertForAll(node: string): void {
  if (!/^\/(?:home|root)\b/.test(node)) return
  const message = `Node is ${node}, which the agent cannot reach. ${NOTHING_YET}`
  throw usageError(
    message,
    'Install it for all, as the package nodejs (20.19 or later) does, and paste the line again.',
  )
}

/** What stands in the file holds; else what was asked for, or what the machine looks like. */
function ownSettings(line: PastedLine, { driver = 'linux-htb', lan, wan }: InstallArgs, file: string, say: Say) {
  if (existsSync(file)) {
    const { edge } = loadSettings({ env: {}, file })
    if (edge.id !== line.edge) {
      const message = `This gateway is edge ${edge.id} by ${file}, and the line is for ${line.edge}. ${NOTHING_YET}`
      const advice = 'A line for this edge will do; or, where it shall be another one, move that file away first.'
      throw new MizaniError({ code: 'PRECONDITION_FAILED', remedy: 'drop', message, advice })
    }
    say(`${file} stays as it is.`)
    return { own: { ...edge, driver: edge.driver ?? driver }, isNew: false }
  }
  if (driver !== 'linux-htb') return { own: { driver, lan: lan ?? null, wan: wan ?? null }, isNew: true }
  const guess = lan !== undefined && wan !== undefined ? { lan, wan } : guessInterfaces()
  const own = { driver, lan: lan ?? guess.lan, wan: wan ?? guess.wan }
  if (own.lan === null || own.wan === null) {
    const lacks = own.wan === null ? 'there is no default route' : `no other interface than ${own.wan} has an address`
    const advice =
      'Say them at the end of the line: --lan IF (towards the institutions) --wan IF (towards the network).'
    throw usageError(`Which interfaces are shaped? By themselves they are not plain: ${lacks}. ${NOTHING_YET}`, advice)
  }
  const how = lan !== undefined && wan !== undefined ? 'as you say' : 'by the default route and the addresses here'
  say(`Interfaces, ${how}: ${own.wan} towards the network, ${own.lan} towards the institutions (${SETTINGS}).`)
  return { own, isNew: true }
}

type Say = (text: string) => unknown

/** Of Debian and its kin, where they can be had; what is missing then is told as an obstacle. */
async function addPackages({ driver }: Own, { env }: Io, say: Say): Promise<void> {
  if (driver !== 'linux-htb') return
  const has = async (tool: string, flag: string): Promise<boolean> => (await exec(tool, [flag])).code === 0
  const lacking = [...((await has('tc', '-V')) ? [] : ['iproute2']), ...((await has('nft', '-v')) ? [] : ['nftables'])]
  if (lacking.length === 0 || !(await has('apt-get', '-v'))) return
  const front = `DEBIAN_FRONTEND=${env.DEBIAN_FRONTEND ?? 'noninteractive'}`
  // Another one may be under way, as after a machine's first start.
  const apt = ['timeout', PACKAGES_WITHIN, 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=60']
  for (const words of [['update'], ['install', '-y', '--no-install-recommends', ...lacking]]) {
    say(`apt-get ${words.join(' ')}`)
    await new Promise<void>((done) => {
      const ended = (why: string): void => done(void (/\(0\)$/.test(why) || say(why)))
      follow('env', [front, ...apt, ...words], { line: say, ended })
    })
  }
}

function makeFolders(at: (path: string) => string): void {
  try {
    for (const folder of [PROGRAM, COMMAND, SETTINGS, USERS, `/etc/systemd/system/${UNIT}`].map((file) =>
      dirname(at(file)),
    ))
      makeFolder(folder, 0o755)
    makeFolder(dirname(at(HOME)), 0o755)
    makeFolder(at(HOME), 0o700)
  } catch (cause) {
    const message = `It cannot be installed: ${messageOf(cause)}. ${NOTHING_YET}`
    const advice = 'Paste the line in a shell of root: `sudo -i` opens one.'
    throw new MizaniError({ code: 'FOLDER_UNUSABLE', message, advice, cause })
  }
}

/** As the mode says, whatever the umask takes from it. */
function makeFolder(folder: string, mode: number): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder), 0o755)
  mkdirSync(folder)
  chmodSync(folder, mode)
}

/** A program with a folder around it stays where it is. */
function writeProgram(at: (path: string) => string, say: Say): string[] {
  if (!IS_ONE_FILE) return []
  const node = process.execPath
  const command = `#!/bin/sh\nMIZANI_CONFIG=\${MIZANI_CONFIG-${SETTINGS}} exec ${node} ${PROGRAM} "$@"\n`
  const wrote = put(at(PROGRAM), readFileSync(ownFile(), 'utf8'), 0o644)
  if (!existsSync(at(COMMAND)) || readFileSync(at(COMMAND), 'utf8').includes(PROGRAM))
    return [...wrote, ...put(at(COMMAND), command, 0o755)]
  say(`${COMMAND} is another program and stays as it is. This one: ${node} ${PROGRAM}`)
  return wrote
}

/** A unit that is there stays as it is, but for the program: else an upgrade would start the one before again. */
function writeUnit(file: string, say: Say): string[] {
  if (!existsSync(file)) return put(file, unitText(), 0o644)
  const text = readFileSync(file, 'utf8')
  const lines = text.split('\n')
  const at = lines.findIndex((line) => line.startsWith('ExecStart='))
  const [before = '', order] = lines[at]?.split(/ (?=edge(?: |$))/) ?? []
  if (order !== undefined && ['/cli.js', '/mizani-edge.mjs'].some((name) => before.endsWith(name)))
    return put(file, lines.with(at, `ExecStart=${program()} ${order}`).join('\n'), 0o644)
  say(`${UNIT} runs something else and stays as it is. The program is ${program()}`)
  return []
}

/** With what the unit that is shipped says to Node. */
function program(): string {
  const [, flags = ''] = SHIPPED_PROGRAM.exec(shippedUnit()) ?? []
  return `${process.execPath}${flags} ${IS_ONE_FILE ? PROGRAM : ownFile()}`
}

const ownFile = (): string => realpathSync(process.argv[1]!)

function settingsText(edge: string, { driver, lan, wan }: Own, { settings }: InstallArgs): string {
  const head = '# Written by `mizani edge install`. After a change: systemctl restart mizani-edge\n'
  return `${head}${stringify({
    data: HOME,
    ...(settings.inClear === null ? {} : { unencrypted: 'accepted' }),
    edge: { id: edge, driver, ...(lan === null ? {} : { lan }), ...(wan === null ? {} : { wan }) },
  })}`
}

const shippedUnit = (): string => shippedText(`config/systemd/${UNIT}`)
const unitText = (): string => shippedUnit().replace(SHIPPED_PROGRAM, program())

/** Its name, where something was written. */
function put(path: string, text: string, mode: number): string[] {
  const isThere = existsSync(path) && readFileSync(path, 'utf8') === text
  if (!isThere) writeWhole(path, text)
  chmodSync(path, mode)
  return isThere ? [] : [path]
}

type Ids = readonly [user: number, group: number]

/**
 * Gives it its folder. On an image without it systemd makes both from sysusers.d, when the machine first starts: null.
 */
async function makeUser(root: string, say: Say): Promise<Ids | null> {
  const users = join(root, '/etc/passwd')
  const known = (): Ids | null => {
    const text = existsSync(users) ? readFileSync(users, 'utf8') : ''
    const row = new RegExp(`^${USER}:[^:]*:(\\d+):(\\d+):`, 'm').exec(text)
    return row && [Number(row[1]), Number(row[2])]
  }
  if (process.getuid?.() !== 0) return null
  if (known() === null && root === '/') {
    const { code } = await exec('systemd-sysusers', [basename(USERS)])
    const words = ['--system', '--home-dir', HOME, '--no-create-home', '--shell', '/usr/sbin/nologin', USER]
    if (code !== 0) await exec('useradd', words)
    if (known() === null) say(`There is no user ${USER} and none could be made: useradd --system ${USER}`)
  }
  const ids = known()
  if (ids !== null) chownSync(join(root, HOME), ...ids)
  return ids
}

/** In a folder of somebody else root follows no link that they may have laid. */
async function actingAs<T>(ids: Ids | null, work: () => Promise<T>): Promise<T> {
  const { setgroups, setegid, seteuid, getgroups } = process
  if (ids === null || !setgroups || !setegid || !seteuid || !getgroups) return work()
  const [user, group] = ids
  const groups = getgroups()
  setgroups([group])
  setegid(group)
  seteuid(user)
  try {
    return await work()
  } finally {
    seteuid(0)
    setegid(0)
    setgroups(groups)
  }
}

/** What will keep it from enforcing here; it observes as far as it can. */
async function tellObstacles({ driver, lan, wan }: Own, io: Io, say: Say): Promise<void> {
  if (driver !== 'linux-htb') return
  const chosen = await chooseDriver(
    driver,
    { lan, wan },
    { io, clock: systemClock, log: createLogger('edge', 'silent') },
  )
  const { facts, obstacles } = await chosen.probe()
  await chosen.close()
  say(`Driver ${driver}: filter ${facts.filter}, queue ${facts.queue}.`)
  for (const obstacle of obstacles) say(`In the way of enforcing: ${obstacle}`)
}

async function begin(edge: string, { root, start, driver }: InstallArgs, say: Say): Promise<number> {
  const byHand = `systemctl daemon-reload && systemctl enable --now ${UNIT.replace('.service', '')}`
  if (driver === 'routeros' || driver === 'radius-coa') {
    say(`Name the device in ${SETTINGS} (edge.device) and its secret in /etc/mizani/edge.env, then: ${byHand}`)
    return 0
  }
  if (!start || root !== '/') {
    say(`Not started. Start it: ${byHand}`)
    return 0
  }
  if (!existsSync('/run/systemd/system')) {
    say(`systemd does not run here. What keeps programs running shall run, as ${USER} with CAP_NET_ADMIN:`)
    say(`  ${program()} edge --config ${SETTINGS}`)
    return 0
  }
  for (const words of [['daemon-reload'], ['enable', UNIT], ['restart', '--no-block', UNIT]]) {
    const { code, stderr } = await exec('systemctl', words)
    if (code === 0) continue
    const message = `systemctl ${words.join(' ')} failed: ${stderr.trim()}`
    throw new MizaniError({ code: 'UNIT', message, advice: `When it is mended: ${byHand}` })
  }
  return heard(edge, systemClock, say)
}

async function heard(edge: string, clock: Clock, say: Say): Promise<number> {
  for (const end = clock.monotonic() + HEARD_WITHIN; clock.monotonic() < end; await clock.sleep(500)) {
    const page = await localRequest(socketOf(HOME, edge), 'GET', '/status').catch(() => null)
    const { state, enforcement } = (page ?? {}) as Partial<EdgeStatusPage>
    if (state !== 'FRESH') continue
    say(`Edge ${edge} runs and is heard: ${enforcement}. Here: mizani edge status. To limit: mizani edge order.`)
    return 0
  }
  say(`Edge ${edge} was started, and rates have not come within ${HEARD_WITHIN / 1_000} s: mizani edge doctor says why`)
  return 1
}
