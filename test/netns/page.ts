// The page of production, typed as it is written: seven machines, each with a network and a file system of its own
// (this one's, with its changes in memory), joined by a bridge. What a person would carry from one to the other lies in
// a folder that all of them see. A part of `npm run bare`.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from '../harness/root.js'
import { openNetwork, run, standInForSystemd } from './machines.js'

const PAGE = join(ROOT, 'config/production/README.md')
const WITHIN = 120_000
const GATEWAYS = ['10.0.0.31', '10.0.0.32']

interface Block {
  readonly on: readonly string[]
  readonly text: string
}

/** In the order of the page: "On ADDRESS, ADDRESS:", and what is typed there. */
function blocksOf(page: string): Block[] {
  const found = page.matchAll(/^( *)On ([\d., ]+\d)(?:, with [^:]*)?:\n\n *```sh\n([\s\S]*?)^ *```$/gm)
  return [...found].map(([, indent = '', on = '', text = '']) => ({
    on: on.split(', '),
    text: text.replace(new RegExp(`^${indent}`, 'gm'), ''),
  }))
}

class Machine {
  readonly address: string
  readonly #name: string
  readonly #root: string

  constructor(folder: string, shared: string, address: string) {
    this.address = address
    this.#name = `m${address.split('.').at(-1)}`
    this.#root = this.#makeRoot(join(folder, this.#name), shared)
    const inside = ['-n', this.#name] as const
    run('ip', 'netns', 'add', this.#name)
    run('ip', 'link', 'add', this.#name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#name)
    run('ip', 'link', 'set', this.#name, 'master', 'bridge0', 'up')
    for (const device of ['lo', 'eth0']) run('ip', ...inside, 'link', 'set', device, 'up')
    run('ip', ...inside, 'address', 'add', `${address}/24`, 'dev', 'eth0')
    run('ip', ...inside, 'route', 'add', 'default', 'via', '10.0.0.1')
    if (GATEWAYS.includes(address)) {
      run('ip', ...inside, 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'site0')
      for (const device of ['lan0', 'site0']) run('ip', ...inside, 'link', 'set', device, 'up')
      run('ip', ...inside, 'address', 'add', `10.1.${address.split('.').at(-1)}.1/24`, 'dev', 'lan0')
    }
    run('nsenter', `--net=/run/netns/${this.#name}`, 'mount', '-t', 'sysfs', 'sysfs', join(this.#root, 'sys'))
  }

  #makeRoot(folder: string, shared: string): string {
    mkdirSync(folder)
    run('mount', '-t', 'tmpfs', 'tmpfs', folder)
    const [upper, work, root] = ['upper', 'work', 'root'].map((name) => join(folder, name))
    for (const made of [upper, work, root]) mkdirSync(made!)
    run('mount', '-t', 'overlay', 'overlay', '-o', `lowerdir=/,upperdir=${upper},workdir=${work}`, root!)
    for (const name of ['proc', 'sys', 'dev', 'tmp', 'run', 'srv/mizani', `.${ROOT}`])
      mkdirSync(join(root!, name), { recursive: true })
    run('mount', '-t', 'proc', 'proc', join(root!, 'proc'))
    run('mount', '--bind', '/dev', join(root!, 'dev'))
    for (const name of ['tmp', 'run']) run('mount', '-t', 'tmpfs', 'tmpfs', join(root!, name))
    run('mount', '--bind', ROOT, join(root!, ROOT))
    run('mount', '--bind', shared, join(root!, 'srv/mizani'))
    standInForSystemd(root!)
    // The package as it is unpacked, and Debian's server under the name that it has with its service.
    rmSync(join(root!, 'opt/mizani'), { recursive: true, force: true })
    mkdirSync(join(root!, 'opt/mizani'), { recursive: true })
    for (const [name, from] of Object.entries({ dist: '.compiled', config: 'config', node_modules: 'node_modules' }))
      symlinkSync(join(ROOT, from), join(root!, 'opt/mizani', name))
    const server = join(root!, 'usr/bin/redis-server')
    if (!existsSync(server)) symlinkSync('redis-check-rdb', server)
    mkdirSync(join(root!, 'usr/local/bin'), { recursive: true })
    return root!
  }

  /** A shell of root. @throws Error with what was said, where a command fails. */
  type(text: string): string {
    const words = [`--net=/run/netns/${this.#name}`, 'chroot', this.#root, '/bin/bash', '-e', '-s']
    const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' }
    const { status, stdout, stderr } = spawnSync('nsenter', words, {
      input: text,
      env,
      encoding: 'utf8',
      timeout: WITHIN,
    })
    if (status !== 0) throw new Error(`${this.address}: ${stdout}${stderr}${this.logs()}\nafter:\n${text}`)
    return stdout + stderr
  }

  /** The ends of what its services have said. */
  logs(): string {
    const { stdout } = spawnSync('sh', ['-c', `tail -n 5 ${join(this.#root, 'run')}/*.log`], { encoding: 'utf8' })
    return stdout
  }
}

export async function typePage(folder: string): Promise<readonly string[]> {
  const blocks = blocksOf(readFileSync(PAGE, 'utf8'))
  const fences = readFileSync(PAGE, 'utf8').match(/^ *```sh$/gm)!.length
  if (blocks.length !== fences) return [`${fences} blocks on the page, and ${blocks.length} say where they are typed`]
  openNetwork()
  run('ip', 'link', 'add', 'bridge0', 'type', 'bridge')
  run('ip', 'address', 'add', '10.0.0.1/24', 'dev', 'bridge0')
  run('ip', 'link', 'set', 'bridge0', 'up')
  const shared = join(folder, 'carried')
  mkdirSync(shared)
  const machines = new Map<string, Machine>()
  for (const address of new Set(blocks.flatMap(({ on }) => on)))
    machines.set(address, new Machine(folder, shared, address))
  const started = performance.now()
  let last = ''
  try {
    for (const { on, text } of blocks)
      for (const address of on) {
        last = machines.get(address)!.type(text)
        console.log(`# ${address}, ${((performance.now() - started) / 1_000).toFixed(1)} s\n${last.slice(-4_000)}`)
      }
  } catch (error) {
    return [String(error), ...[...machines.values()].map((one) => one.logs())]
  }
  const controller = machines.get('10.0.0.21')!
  type Seen = { id: string; state: string; enforcement: string }
  const seen = (): Seen[] => JSON.parse(controller.type('mizani edge list --json'))
  const observes = (): boolean =>
    seen().every(({ state, enforcement }) => state === 'FRESH' && enforcement === 'observe') && seen().length === 2
  for (const end = performance.now() + WITHIN; !observes() && performance.now() < end; ) await sleep(500)
  console.log(`  typed and seen in ${((performance.now() - started) / 1_000).toFixed(1)} s`)
  const bad = last.match(/^bad .*$/gm)
  if (bad !== null) return bad
  if (observes()) return []
  return [JSON.stringify(seen()), ...[...machines.values()].map((one) => one.logs())]
}
