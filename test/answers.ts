// Everything a built program says, written down as files, so that two of them can be compared: help of every command,
// what commands answer without a controller, the description of the API, and what commands answer beside a running
// `mizani up` of the default plane. Numbers and times of the running network differ from run to run; of those answers
// the shape and the words are kept, and every number is a 0.
//
//   node src/bin/run.mjs test/answers.ts DIST/src/cli.js FOLDER      then: diff -r FOLDER OTHER

import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { ROOT } from './harness/root.js'

/** Examples of the API speak of today. */
const TODAY = new Date().toISOString().slice(0, 10)

const [cli = '', folder = ''] = process.argv.slice(2).map((path) => resolve(path))
const data = mkdtempSync(join(tmpdir(), 'mizani-answers-'))
const env = { PATH: process.env.PATH ?? '', HOME: data, MIZANI_DATA: join(data, 'data'), COLUMNS: '100', TZ: 'UTC' }

/** Commands that need nothing but the files of the project. */
const ALONE = [
  'policy validate config/taifa',
  'policy validate config',
  'explain-settings',
  'explain-policy',
  'roles',
  'roles operator',
  'allocate --schema',
  'allocate no-such-file',
  'simulate config/scenarios/one-upstream-30.yaml',
  'simulate no-such-file',
  'polici',
  'edge --driver dry-run',
  'status',
]
/** Commands that ask a controller. */
const ASKING = [
  ...['status', 'whoami', 'institution list muhimbili', 'institution show hosp-mnh-upanga', 'explain hosp-mnh-upanga'],
  ...[
    'link list transit',
    'link show transit-a.down',
    'edge list',
    'edge show dar-1',
    'envelopes',
    'unmapped',
    'nodes',
  ],
  ...['allocations --institution hosp-mnh-upanga', 'alarm list --all', 'webhook list', 'whois 10.0.0.1', 'in-force'],
  ...['policy history', 'policy diff 1', 'policy part get tiers large', 'policy part get institutions hosp-mnh-upanga'],
  ...['proposal list', 'override list', 'mode list', 'user list', 'token list', 'audit list', 'audit verify', 'doctor'],
  ...[
    'edge-user list',
    'what-if hosp-mnh-upanga --tier large',
    'link what-if transit-a',
    'freeze --reason try',
    'in-force',
    'unfreeze',
  ],
  'override add --on institution=hosp-mnh-upanga --for 2h --tier large --reason try --dry-run',
  'policy part set institutions hosp-mnh-upanga no-such-file --reason try',
  'policy import institutions test/no-such-sheet.csv --dry-run',
  ...['policy export institutions', 'policy export sites', 'edge order observe dar-1 --reason try --dry-run'],
  ...['edge drain dar-1 --dry-run', 'institution show no-such', 'link state transit-a no-such-word'],
]

interface Answer {
  readonly code: number
  readonly text: string
}

const ask = (args: readonly string[]): Promise<Answer> =>
  new Promise((done) => {
    execFile(process.execPath, [cli, ...args], { cwd: ROOT, env, maxBuffer: 1e9 }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : 0
      done({ code, text: `exit ${code}\n-- stdout\n${stdout}\n-- stderr\n${stderr}`.replaceAll(data, 'DATA') })
    })
  })

function keep(name: string, text: string): void {
  writeFileSync(
    join(folder, `${name.replaceAll(/[^\w.-]+/g, '_').slice(0, 120)}.txt`),
    text
      .replaceAll(dirname(dirname(dirname(cli))), 'PROJECT')
      .replaceAll(/\d+\.\d s, (?=\d workers)/g, '')
      .replaceAll(new RegExp(`${TODAY}T[\\d:.]+Z`, 'g'), 'NOW'),
  )
}

async function help(path: readonly string[]): Promise<void> {
  const { text } = await ask([...path, '--help'])
  keep(`help ${path.join(' ')}`, text)
  // Up to an empty line: what stands below are examples.
  const commands = text.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? ''
  for (const [, name] of commands.matchAll(/^ {2}([a-z][\w-]*)/gm)) if (name !== 'help') await help([...path, name!])
}

/** Lines are put in order: many lists begin with whoever is worst at the moment. */
const shapeOf = (text: string): string =>
  text
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UUID')
    .replaceAll(/\b(?=[a-f]*\d)[0-9a-f]{6,}\b/g, '0')
    .replaceAll(/\d+([.,]\d+)*/g, '0')
    .replaceAll(/ {2,}/g, '  ')
    .replaceAll(/-{2,}|─+/g, '--')
    .split('\n')
    .sort()
    .join('\n')

/** The same document, whatever the order in which its parts were made. */
const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, inOrder(part)]),
  )
}

mkdirSync(folder, { recursive: true })
await help([])
for (const line of ALONE) keep(`alone ${line}`, (await ask(line.split(' '))).text)

const server = spawn(process.execPath, [cli, 'up', '--port', '0'], {
  cwd: ROOT,
  env,
  stdio: ['ignore', 'ignore', 'pipe'],
})
let log = ''
const url = await new Promise<string>((done, failed) => {
  server.stderr.setEncoding('utf8').on('data', (part) => {
    log += part
    const found = /"url":"([^"]+)"[^\n]*"msg":"ready"/.exec(log)?.[1]
    if (found !== undefined) done(found)
  })
  server.once('exit', () => failed(new Error(log)))
})
try {
  keep('openapi', JSON.stringify(inOrder(await (await fetch(`${url}/openapi.json`)).json()), null, 1))
  for (const line of ASKING) keep(`asking ${line}`, shapeOf((await ask(line.split(' '))).text))
  for (const page of ['/', '/metrics', '/v1/health/live']) {
    const answer = await fetch(url + page)
    const headers = [...answer.headers].filter(([name]) => !/date|length|nonce/.test(name))
    const text = (await answer.text()).replaceAll(/nonce="[^"]*"/g, '')
    keep(`page ${page}`, shapeOf(`${answer.status}\n${JSON.stringify(headers, null, 1)}\n${text}`))
  }
} finally {
  const ended = new Promise((done) => server.once('exit', done))
  server.kill('SIGTERM')
  await ended
  rmSync(data, { recursive: true, force: true })
}
