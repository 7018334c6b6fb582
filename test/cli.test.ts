// The command line as a script sees it: exit codes, what goes to which stream, and that a fault is one clear message.
// The commands run in this process through `main`; only the last test starts a process, to see the entry itself.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../src/cli.js'
import { ROLES } from '../src/model/principal.js'
import { WEBHOOK_SIGNATURE } from '../src/model/webhook-signature.js'
import { EMPTY_PLANE } from '../src/policy/files/empty-plane.js'
import { YAML_FILES } from '../src/policy/files/files.js'
import { VARIABLES } from '../src/runtime/config.js'
import { OTHERS, SECRETS } from '../src/runtime/variables.js'
import * as z from '../src/runtime/zod.js'
import { startWholeApi } from './api/api-fixture.js'
import { CLI, ROOT } from './harness/root.js'
import { ROUTE_COMMANDS } from './route-commands.js'

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function mizani(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const stdout: string[] = []
  const stderr: string[] = []
  const sink = (lines: string[]) => ({ write: (text: string) => lines.push(text) })
  const code = await main(args, { stdout: sink(stdout), stderr: sink(stderr), env, isTTY: false })
  return { code, stdout: stdout.join(''), stderr: stderr.join('') }
}

const STACK = /^\s+at .*\d+:\d+\)?$/m

t.test('help and version are data: stdout, exit code 0', async (t) => {
  const help = await mizani(['--help'])
  t.equal(help.code, 0)
  t.equal(help.stderr, '')
  for (const command of ['up', 'init', 'controller', 'edge', 'allocate', 'explain', 'policy', 'simulate']) {
    t.match(help.stdout, new RegExp(`^  ${command}\\b`, 'm'), `--help names ${command}`)
    const own = await mizani([command, '--help'])
    t.equal(own.code, 0, `${command} --help`)
    t.match(own.stdout, `Usage: mizani ${command}`)
  }
  const signed = /HMAC-SHA256 with the webhook's secret over TIME, a dot, and the body/
  t.match((await mizani(['webhook', '--help'])).stdout, signed, 'how a receiver proves a letter')
  t.match(WEBHOOK_SIGNATURE, signed)
  for (const command of ['validate', 'apply', 'get']) {
    t.match((await mizani(['policy', command, '--help'])).stdout, `Usage: mizani policy ${command}`)
  }
  t.match(await mizani(['--version']), { code: 0, stdout: /^\d+\.\d+\.\d+\n$/ })
})

t.test('every part of a policy, every role and every setting is two steps from --help', async (t) => {
  const first = (await mizani(['--help'])).stdout
  const said = async (command: string): Promise<string> => {
    t.match(first, new RegExp(`^  ${command}\\b`, 'm'))
    return (await mizani([command])).stdout
  }
  const [policy, roles] = [await said('explain-policy'), await said('roles')]
  const settings = await said('explain-settings')
  for (const part of Object.values(YAML_FILES).flat().concat('institutions', 'sites')) {
    t.match(policy, new RegExp(`^  ${part} +\\S`, 'm'))
    const { code, stdout } = await mizani(['explain-policy', part])
    t.equal(code, 0)
    t.match(stdout, /^(institutions|sites)$/.test(part) ? /^Example:\nid,\S*\n[a-z]/m : `Example:\n${part}:`)
  }
  for (const role of ROLES) t.match(roles, new RegExp(`^${role}: \\S.*\\n {2}[ *] +\\S`, 'm'))
  for (const [, key] of readFileSync(join(ROOT, 'config/mizani.yaml'), 'utf8').matchAll(/^ *(\w+):/gm))
    t.match(settings, new RegExp(`^  (\\w+\\.)*${key}: .*\\n {6}\\S`, 'm'))
  for (const variable of [VARIABLES, SECRETS, OTHERS].flatMap(Object.keys))
    t.match(settings, new RegExp(`\\b${variable}\\b`))
  const factor = await mizani(['explain-policy', 'modes.patches.factor'])
  t.match(factor, { code: 0, stdout: /^modes.patches.factor .*: number from 0 below 1\nOf a link, directed link/ })
  const wrong = await mizani(['explain-policy', 'gaurds'])
  t.match(wrong, { code: 2, stderr: /^unknown part of a policy "gaurds"; did you mean "guards"\?/ })
  const { stdout: help } = await mizani(['roles', '--help'])
  for (const role of ROLES) t.match(help, new RegExp(`(:|,)\\s+${role}(,|\\s)`))
  t.match(await mizani(['roles', 'king']), { code: 2, stderr: /Allowed choices are viewer, operator/ })
  t.match((await mizani(['roles', 'monitor'])).stdout, /^monitor: .*\n[\s\S]*POST \/v1\/links\/\{id\}\/samples/)
  t.notMatch((await mizani(['roles', 'planner'])).stdout, /(PUT|POST|DELETE) (?!\/v1\/simulations)/)
})

t.test('a log that takes nothing more ends nobody', { skip: !existsSync('/dev/full') }, async (t) => {
  const words = `exec "${process.execPath}" "${CLI}" alocate 2>/dev/full`
  const [code] = await once(spawn('sh', ['-c', words], { stdio: 'ignore' }), 'exit')
  t.equal(code, 2, 'what was wrong, and not that it could not be said')
})

t.test('wrong usage: exit code 2, one message on stderr, nothing on stdout', async (t) => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /Usage: mizani/],
    [['alocate'], /unknown command 'alocate'/],
    [['allocate'], /missing required argument 'file'/],
    [['allocate', 'x.json', '--jsn'], /unknown option '--jsn'/],
    [['up', '--port', 'http'], /'http' is invalid. Expected a whole number/],
    [['up', '--port', '70000'], /--port: .*65535/],
    [['edge', '--driver', 'htb'], /Allowed choices are linux-htb, .*simulated, dry-run/],
    [['edge', '--driver', 'dry-run'], /Which edge is this\?\nSay --id ID/],
    [['edge', '--id', 'dar-1'], /What enforces here\?\nSay --driver/],
    [['up', '--config', 'no-such.yaml'], /no-such.yaml: no such file/],
  ]
  for (const [args, message] of wrong) {
    const { code, stdout, stderr } = await mizani(args)
    t.equal(code, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, message)
    t.notMatch(stderr, STACK)
  }
})

t.test('an unknown MIZANI_ variable stops every command that reads settings', async (t) => {
  const { code, stderr } = await mizani(['controller'], { MIZANI_PLAIN: 'taifa' })
  t.equal(code, 2)
  t.match(stderr, /MIZANI_PLAIN: no such variable/)
})

t.test('explain asks the API, and says how to help itself when that fails', async (t) => {
  const flows = [
    { service: 'internet', direction: 'down' },
    { service: 'internet', direction: 'up' },
  ]
  const known = ['moh', 'moh-dar', 'moe'].map((id) => ({ id, name: { en: `Office ${id}`, sw: `Ofisi ${id}` }, flows }))
  const asked: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://api')
    const [, id, explain] = /^\/v1\/institutions\/([^/]+)(\/explain)?$/.exec(url.pathname) ?? []
    const answer = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body))
    if (request.headers.authorization !== 'Bearer good') {
      answer(401, { title: 'Unauthorized', code: 'UNAUTHENTICATED', detail: 'Who are you?' })
    } else if (explain !== undefined && url.searchParams.has('at')) {
      answer(200, { text: `${id} got ${url.searchParams.get('direction')}`, service: 'internet' })
    } else if (id === undefined) {
      const q = url.searchParams.get('q') ?? ''
      answer(200, { items: known.filter((one) => one.id.includes(q)), nextPageToken: null })
    } else if (!known.some((one) => one.id === id)) {
      answer(404, { title: 'Not found', code: 'NOT_FOUND', detail: `no ${id}` })
    } else if (explain === undefined)
      answer(
        200,
        known.find((one) => one.id === id),
      )
    else {
      asked.push(`${id} ${url.search}`)
      answer(200, { text: `${id} gets ${url.searchParams.get('direction')}` })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const env = { MIZANI_URL: `http://127.0.0.1:${port}`, MIZANI_TOKEN: 'good', MIZANI_DATA: t.testdir() }

  const both = '== internet, down\nmoh gets down\n\n== internet, up\nmoh gets up\n'
  t.match(await mizani(['explain', 'moh'], env), { code: 0, stdout: both, stderr: '' })
  t.same(asked, ['moh ?service=internet&direction=down&lang=en', 'moh ?service=internet&direction=up&lang=en'])
  const one = await mizani(['explain', 'moe', '--direction', 'up', '--json'], { ...env, LANG: 'sw_TZ.UTF-8' })
  t.same(JSON.parse(one.stdout), [{ text: 'moe gets up' }])
  t.match(asked.at(-1), 'lang=sw')
  t.match(await mizani(['explain', 'dar'], env), { code: 0, stdout: /^moh-dar gets/m }, 'the only hit')
  const several = await mizani(['explain', 'mo'], env)
  t.match(several, { code: 1, stdout: '', stderr: /finds 3 institutions:\n {2}moh {2}Office moh\n/ })
  t.match(await mizani(['explain', 'Nobody'], env), { code: 1, stderr: /No institution has "Nobody"/ })
  const then = ['explain', 'closed-office', '--at', '2026-03-02T10:05:00Z']
  const past = '== internet, down\nclosed-office got down\n\n== internet, up\nclosed-office got up\n'
  t.match(await mizani(then, env), { code: 0, stdout: past }, 'who is gone by now is known to the past')
  t.match(await mizani(['explain', 'moh', '--service', 'x'], env), { code: 1, stderr: /it has the services internet/ })
  const stranger = await mizani(['explain', 'moh'], { ...env, MIZANI_TOKEN: 'bad' })
  t.match(stranger, { code: 1, stderr: /^Who are you\?\nSet MIZANI_TOKEN/ })
  writeFileSync(join(env.MIZANI_DATA, 'cli-token'), 'good\n', { mode: 0o600 })
  t.equal((await mizani(['explain', 'moh'], { ...env, MIZANI_TOKEN: '' })).code, 0, 'the token of the data folder')
  await new Promise((resolve) => server.close(resolve))
  const alone = await mizani(['explain', 'moh'], env)
  t.match(alone, { code: 1, stderr: /^No controller answers at http.*\nStart one with `mizani up`/ })
})

t.test('whatever the API offers a person has a command, and the command asks for just that', async (t) => {
  const api = await startWholeApi()
  const { paths } = z
    .looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .parse((await api.call('/openapi.json')).json())
  await api.close()
  const { description } = z.looseObject({ description: z.string() }).parse(paths['/v1/webhooks']?.post)
  t.ok(description.startsWith(WEBHOOK_SIGNATURE))
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  t.strictSame(
    operations.toSorted(),
    Object.keys(ROUTE_COMMANDS).sort(),
    'each has a command or a reason, in route-commands.ts',
  )

  const folder = t.testdir({
    plane: EMPTY_PLANE,
    'sheet.csv': 'id,name\nx,X\n',
    'part.yaml': 'tier: basic\n',
    'book.json': '{}',
    'prices.json': '{"version": "0", "book": {}}',
  })
  const files: Record<string, string> = {
    PLANE: 'plane',
    SHEET: 'sheet.csv',
    PART: 'part.yaml',
    BOOK: 'book.json',
    PRICES: 'prices.json',
  }
  const heard: string[] = []
  // Enough for the second question of a command that asks twice; what is made of the rest is other tests' business.
  const known = { id: 'x', revision: 1, items: [], nextPageToken: null, seenOn: 1 }
  const flows = [{ service: 'internet', direction: 'down' }]
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url?.split('?')[0]}`)
    request.resume().on('end', () => {
      response.writeHead(200, { etag: '"x"', 'mizani-revision': '1' }).end(JSON.stringify({ ...known, flows }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const env = { MIZANI_URL: `http://127.0.0.1:${port}`, MIZANI_TOKEN: 'good', MIZANI_DATA: folder }
  for (const [operation, typed] of Object.entries(ROUTE_COMMANDS)) {
    if (typeof typed === 'object') {
      if ('command' in typed) t.equal((await mizani([...typed.command.split(' '), '--help'])).code, 0, typed.command)
      continue
    }
    const words = typed.split(' ').map((word) => (word in files ? join(folder, files[word]!) : word))
    heard.length = 0
    const help = await mizani([...words, '--help'])
    const { stderr } = await mizani([...words, ...(help.stdout.includes('--json') ? ['--json'] : [])], env)
    const pattern = new RegExp(`^${operation.replace(/\{\w+\}/g, '[^/]+')}$`)
    t.ok(
      heard.some((line) => pattern.test(line)),
      `${typed}: ${operation}`,
      { heard: [...heard], stderr },
    )
  }
  await new Promise((resolve) => server.close(resolve))
})

/** What stands for a command in a text: `mizani policy history|diff` are two. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/(?:`|^)(?:npx )?mizani ((?:[a-z][a-z|-]*(?: |(?=`)))+)/gm)].flatMap(([, said = '']) => {
    const [first = '', second = ''] = said.trim().split(' ')
    return second.split('|').map((one) => `${first} ${one}`.trim())
  })
}

t.test('a command that a page names is there', async (t) => {
  const missing = async (said: string): Promise<boolean> => {
    const [first = '', second] = said.split(' ')
    const { code, stdout } = await mizani([first, '--help'])
    if (code !== 0 || !stdout.includes(`Usage: mizani ${first}`)) return true
    const isGroup = /^Usage: .*\[command\]/m.test(stdout)
    return isGroup && second !== undefined && !new RegExp(`^  ${second}\\b`, 'm').test(stdout)
  }
  const pages = ['README.md', 'SECURITY.md', 'config/production/README.md', 'src/README.md']
  const named = new Set(pages.flatMap((page) => commandsIn(readFileSync(join(ROOT, page), 'utf8'))))
  t.ok(named.size > 40)
  for (const said of named) t.notOk(await missing(said), said)
  for (const said of ['edges', 'edge lost', 'policy no-such'])
    t.ok(await missing(commandsIn(`see \`mizani ${said}\``)[0] ?? ''), `${said} is found missing`)
})

t.test('as a process: the exit code and the streams arrive', async (t) => {
  const run = (args: readonly string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      execFile(process.execPath, [CLI, ...args], { cwd: ROOT }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
      })
    })
  t.match(await run(['--version']), { code: 0, stderr: '' })
  const refused = await run(['allocate', 'no-such-problem.json'])
  t.equal(refused.code, 1)
  t.equal(refused.stdout, '')
  t.match(refused.stderr, 'no-such-problem.json')
  t.notMatch(refused.stderr, STACK)
})

t.test('nothing that is printed is an order to the terminal', async (t) => {
  const name = '\u001b]0;owned\u0007\u009b2J\u202e\r'
  const flow = { id: name, path: [], demand: 1, segments: [{ band: 's' }] }
  const problem = { bands: [{ id: 's', kind: 'share' }], links: [], flows: [flow] }
  const file = join(t.testdir({ 'p.json': JSON.stringify(problem) }), 'p.json')
  for (const args of [['allocate', file], ['allocate', file, '--json'], ['allocate', name], [name]]) {
    const { stdout, stderr } = await mizani(args)
    t.match(stdout + stderr, /\\u001b\]0;owned\\u0007\\u009b2J\\u202e/, JSON.stringify(args))
    t.notMatch(stdout + stderr, /(?!\n)[\p{Cc}\p{Bidi_Control}]/u)
  }
  t.equal(JSON.parse((await mizani(['allocate', file, '--json'])).stdout).flows[0].id, name, 'and JSON says the same')
})

t.test('a problem comes from standard input as well; of very many faults a hundred are kept', async (t) => {
  const flows = '{"id":7},'.repeat(400_000)
  const script = 'cat "$1" | "$2" --max-old-space-size=128 "$3" allocate "$4"'
  const file = join(
    t.testdir({ 'p.json': `{"bands":[{"id":"s","kind":"share"}],"links":[],\n"flows":[${flows}0]}` }),
    'p.json',
  )
  for (const name of ['-', '/dev/stdin']) {
    const args = ['-c', script, 'sh', file, process.execPath, CLI, name]
    const [code, said] = await new Promise<[number | null, string]>((resolve) => {
      let text = ''
      const child = spawn('sh', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
      child.on('close', (status) => resolve([status, text]))
    })
    t.equal(code, 1)
    t.match(said, /^standard input is refused: the first 100 faults\n {2}standard input:2:10 \/flows\/0/)
    t.equal(said.split('\n').length, 103, 'a line each, what is refused and what helps')
  }
})
