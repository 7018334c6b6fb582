// A gateway with nothing on it but Debian's base, tc, nft and Node, and one line: pasted by root, it must be seen to
// observe within two minutes. No npm there, no curl and no tar.
//
//   npm run bare [-- line|page]       as root; the last line of each part is the verdict
//
//    controller (TLS)   host0 10.77.0.1 ----- wan0 10.77.0.2   gateway: the bare root   lan0 10.1.1.1 ----- site0
//
// The other part types what config/production/README.md says, on machines of its own (page.ts).
//
// The root is debootstrap's where that is installed, else the packages that apt would fetch, unpacked. All of it lives
// in namespaces of this process alone, and goes with it.

import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeAuthority } from '../faults/certificates.js'
import { examplePlane } from '../harness/place.js'
import { ofProcess, processes } from '../harness/proc.js'
import { Program } from '../harness/program.js'
import { CLI } from '../harness/root.js'
import { has, openNetwork, run, standInForSystemd } from './machines.js'
import { typePage } from './page.js'

const WITHIN = 120_000
const [HOST, GATEWAY] = ['10.77.0.1', '10.77.0.2']
const EDGE = 'edge-1'
/** Beside what they need themselves. */
const PACKAGES = ['base-files', 'base-passwd', 'bash', 'dash', 'coreutils', 'passwd', 'util-linux', 'sed', 'grep']
const TOOLS = ['iproute2', 'nftables']
const UNWANTED = ['npm', 'npx', 'curl', 'wget', 'tar', 'apt-get', 'systemd-sysusers', 'perl']

function makeRoot(root: string, beside: string): void {
  if (has('debootstrap')) {
    const suite = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))![1]!
    run('debootstrap', '--variant=minbase', `--include=${TOOLS.join(',')}`, suite, root)
  } else unpackInto(root, join(beside, 'apt'))
  for (const name of UNWANTED)
    for (const folder of ['usr/bin', 'bin']) rmSync(join(root, folder, name), { force: true })
  for (const folder of ['proc', 'sys', 'dev', 'tmp', 'root']) mkdirSync(join(root, folder), { recursive: true })
  chmodSync(join(root, 'tmp'), 0o1777)
  // Node, and of its libraries what a bare Debian lacks.
  const libraries = run('ldd', process.execPath).match(/\/\S+(?= \(0x)/g) ?? []
  for (const file of libraries) if (!existsSync(join(root, file))) copyInto(root, file, file)
  copyInto(root, process.execPath, '/usr/bin/node')
  standInForSystemd(root)
}

/** As if nothing were installed: with all that they need. */
function unpackInto(root: string, apt: string): void {
  for (const folder of ['lists/partial', 'archives/partial']) mkdirSync(join(apt, folder), { recursive: true })
  const options = ['Dir::State::status=/dev/null', `Dir::Cache=${apt}`, 'Debug::NoLocking=1', 'APT::Sandbox::User=root']
  const words = [...options, 'APT::Install-Recommends=0'].flatMap((option) => ['-o', option])
  run('apt-get', '-qq', ...words, '--download-only', 'install', '-y', ...PACKAGES, ...TOOLS)
  const archives = readdirSync(join(apt, 'archives')).filter((name) => name.endsWith('.deb'))
  // The links of the base, such as bin, are there before anything lands in them.
  for (const name of archives.sort((a, b) => Number(/^base-files/.test(b)) - Number(/^base-files/.test(a))))
    run('dpkg-deb', '-x', join(apt, 'archives', name), root)
  for (const name of ['passwd', 'group'])
    copyFileSync(join(root, `usr/share/base-passwd/${name}.master`), join(root, 'etc', name))
}

function copyInto(root: string, file: string, as: string): void {
  mkdirSync(dirname(join(root, as)), { recursive: true })
  copyFileSync(file, join(root, as))
}

function makeNetwork(): void {
  openNetwork()
  const gateway = ['-n', 'gateway'] as const
  run('ip', 'netns', 'add', 'gateway')
  for (const [near, far] of [
    ['host0', 'wan0'],
    ['site0', 'lan0'],
  ] as const) {
    run('ip', 'link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', 'gateway')
    run('ip', 'link', 'set', near, 'up')
    run('ip', ...gateway, 'link', 'set', far, 'up')
  }
  run('ip', 'address', 'add', `${HOST}/24`, 'dev', 'host0')
  run('ip', ...gateway, 'link', 'set', 'lo', 'up')
  run('ip', ...gateway, 'address', 'add', `${GATEWAY}/24`, 'dev', 'wan0')
  run('ip', ...gateway, 'address', 'add', '10.1.1.1/24', 'dev', 'lan0')
  run('ip', ...gateway, 'route', 'add', 'default', 'via', HOST)
}

/** A shell of root in the bare root, as a person has it; what it says when it has ended. */
async function paste(root: string, line: string, look: () => void): Promise<string> {
  const words = ['netns', 'exec', 'gateway', 'chroot', root, '/bin/bash', '-i']
  const env = { PATH: process.env.PATH ?? '', HOME: '/root', TERM: 'dumb' }
  const shell = spawn('ip', words, { env, stdio: 'pipe' })
  let said = ''
  for (const stream of [shell.stdout, shell.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  shell.stdin.end(`echo before\n${line}\n`)
  const watch = setInterval(look, 20)
  await new Promise((done) => shell.on('close', done))
  clearInterval(watch)
  return said
}

async function inside(folder: string): Promise<readonly string[]> {
  const breaches: string[] = []
  const check = (holds: boolean, what: string): void => void (holds || breaches.push(what))
  const root = join(folder, 'root')
  makeNetwork()
  for (const [kind, name] of [
    ['proc', 'proc'],
    ['sysfs', 'sys'],
  ] as const)
    run('mount', '-t', kind, kind, join(root, name))
  run('mount', '--bind', '/dev', join(root, 'dev'))
  for (const name of UNWANTED)
    check(spawnSync('chroot', [root, '/bin/sh', '-c', `! command -v ${name}`]).status === 0, name)

  const { certificate, key } = makeAuthority(join(folder, 'ca')).issue(HOST)
  const chain = join(folder, 'chain.crt')
  writeFileSync(chain, [certificate, join(folder, 'ca/ca.crt')].map((file) => readFileSync(file, 'utf8')).join(''))
  const config = join(folder, 'mizani.yaml')
  const http = { host: HOST, port: 8443, tls: { certificate: chain, key } }
  writeFileSync(config, JSON.stringify({ data: join(folder, 'data'), plane: examplePlane(folder).folder, http }))
  const ends: (() => unknown)[] = []
  const controller = new Program(['up', '--no-demo', '--config', config], { teardown: (end) => void ends.push(end) })
  await controller.ready()
  const env = { PATH: process.env.PATH ?? '', MIZANI_CONFIG: config, NODE_EXTRA_CA_CERTS: join(folder, 'ca/ca.crt') }
  const mizani = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`mizani ${args.join(' ')}: ${stderr}`)
    return stdout
  }

  const line = mizani('edge-user', 'add', EDGE).trimEnd()
  const token = /'\S+ \S+ \S+ (\S+)'/.exec(line)![1]!
  let shown = 0
  const lookForToken = (): void => {
    shown += processes().filter((pid) => ofProcess(pid, 'cmdline').includes(token)).length
  }
  const started = performance.now()
  const said = await paste(root, line, lookForToken)
  const installed = performance.now() - started
  const seen = (): { state: string; enforcement: string; driver: string } =>
    JSON.parse(mizani('edge', 'show', EDGE, '--json'))
  while (seen().state !== 'FRESH' && performance.now() - started < WITHIN) await sleep(200)
  const took = performance.now() - started
  const { state, enforcement, driver } = seen()
  console.log(
    said
      .replace(/^bash: .*\n/gm, '')
      .replaceAll(token, '…')
      .replace(/^.*case \$\(history.*\n/m, ''),
  )
  console.log(
    `  the line came back after ${(installed / 1_000).toFixed(1)} s, seen after ${(took / 1_000).toFixed(1)} s`,
  )
  check(state === 'FRESH' && enforcement === 'observe' && took <= WITHIN, `${state}, ${enforcement}`)
  check(driver === 'linux-htb', `driver ${driver}`)
  check(/lan0 towards the institutions/.test(said) && /runs and is heard: observe/.test(said), 'what the line says')
  check(shown === 0, 'the token was an argument of a program')
  const history = readFileSync(join(root, 'root/.bash_history'), 'utf8')
  check(history === 'echo before\n', `the history of the shell: ${history}`)
  const status = spawnSync('ip', ['netns', 'exec', 'gateway', 'chroot', root, 'mizani', 'edge', 'status'])
  check(status.status === 0 && /observe/.test(String(status.stdout)), `mizani edge status: ${status.stderr}`)
  if (breaches.length > 0) console.log(readFileSync(join(root, 'run/mizani-edge.log'), 'utf8').slice(-4_000))
  for (const end of ends) await end()
  return breaches
}

async function main(): Promise<number> {
  const [part, folder] = process.argv.slice(2)
  if (folder === undefined) {
    if (process.getuid?.() !== 0) throw new Error('this wants root')
    const made = mkdtempSync(join(tmpdir(), 'mizani-bare-'))
    try {
      const parts = ['line', 'page'].filter((one) => part === undefined || part === one)
      if (parts.includes('line')) makeRoot(join(made, 'root'), made)
      // A namespace of processes as well: whatever is left running ends with the first of them.
      const words = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
      const codes = parts.map(
        (one) =>
          spawnSync('unshare', [...words, process.execPath, process.argv[1]!, one, made], { stdio: 'inherit' }).status,
      )
      return codes.every((code) => code === 0) ? 0 : 1
    } finally {
      rmSync(made, { recursive: true, force: true, maxRetries: 5 })
    }
  }
  const [what, breaches] =
    part === 'page'
      ? (['the page of production, as typed', await typePage(folder)] as const)
      : (['one line to a gateway that observes', await inside(folder)] as const)
  for (const breach of breaches) console.log(`  BREACH ${breach}`)
  console.log(`bare: ${what}: ${breaches.length === 0 ? 'holds' : 'BREACHED'}`)
  return breaches.length === 0 ? 0 : 1
}

process.exit(await main())
