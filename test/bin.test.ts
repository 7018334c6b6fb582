// The scripts behind the two commands, run as processes in a small project of their own whose tools are stand-ins: what
// setup asks for, when a build is stale, and that the closing line of the tests never hides a failure.

import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { isAlive } from '../src/runtime/process-start.mjs'
import { compiled, ROOT } from './harness/root.js'
import { zombieOf } from './harness/zombie.js'

const BIN = join(ROOT, 'src/bin')
/** What the build needs of the product. */
const PROCESS_START = 'src/runtime/process-start.mjs'
const LOCK = {
  packages: { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0', dev: true } },
}
/** Stands in for the compiler: the last argument is where the output goes. */
const TSC = '#!/bin/sh\nfor out; do :; done\nmkdir -p "$out/src" && echo built > "$out/src/cli.js" && test ! -e fail\n'
/** Another: these sources are JavaScript already, and tap is the one that runs this. */
const ESBUILD = `#!/bin/sh
for word; do case $word in
  --outdir=*) out=\${word#*=};;
  --outfile=*/tap.mjs)
    to=\${word#*=}; mkdir -p "\${to%/*}" && exec cp '${compiled('node_modules/@tapjs/tap.mjs')}' "$to";;
esac; done
for word; do
  case $word in --*) ;; *.ts) mkdir -p "$out/\${word%/*}" && cp "$word" "$out/\${word%.ts}.js" || exit 1;; esac
done
`

/** A project with everything in place; `files` come on top. */
function project(t: Test, files: Record<string, string> = {}): string {
  const folder = t.testdir({})
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const all = {
    'package-lock.json': JSON.stringify(LOCK),
    'node_modules/.package-lock.json': JSON.stringify(LOCK),
    'node_modules/.bin/tsc': TSC,
    'node_modules/.bin/esbuild': ESBUILD,
    'tsconfig.json': '{}',
    'tsconfig.build.json': '{}',
    'src/cli.ts': 'one',
    'src/publish/functions.lua': '-- one',
    ...files,
  }
  for (const [name, text] of Object.entries(all)) write(name, text)
  for (const program of ['tsc', 'esbuild']) chmodSync(join(folder, 'node_modules/.bin', program), 0o755)
  cpSync(BIN, join(folder, 'src/bin'), { recursive: true })
  cpSync(join(ROOT, PROCESS_START), join(folder, PROCESS_START))
  return folder
}

function run(folder: string, script: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  const options = { encoding: 'utf8', env: { ...process.env, ...env }, cwd: '/' } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'src/bin', script), ...args], options)
  return { code: status, stdout, stderr, last: stdout.trimEnd().split('\n').at(-1) }
}

t.test('setup with everything in place does nothing, as whoever it runs', async (t) => {
  const folder = project(t)
  const before = readdirSync(folder, { recursive: true })
  t.match(run(folder, 'setup.mjs'), { code: 0, stdout: '', stderr: '' })
  t.same(readdirSync(folder, { recursive: true }), before)
})

t.test('setup runs npm ci when a package is missing or of another version, and only then', async (t) => {
  const npm = '#!/bin/sh\necho "npm $*" >&2\n'
  const old = { packages: { 'node_modules/a': { version: '0.9.0' } } }
  const folder = project(t, { 'bin/npm': npm, 'node_modules/.package-lock.json': JSON.stringify(old) })
  chmodSync(join(folder, 'bin/npm'), 0o755)
  const path = { PATH: `${join(folder, 'bin')}:${process.env.PATH}` }
  const { code, stdout, stderr } = run(folder, 'setup.mjs', [], path)
  t.match({ code, stdout }, { code: 0, stdout: '' })
  t.match(stderr, /npm ci \(2 packages/)
  t.match(stderr, /^npm ci --include=dev/m)
  writeFileSync(join(folder, 'bin/npm'), '#!/bin/sh\nexit 7\n')
  t.match(run(folder, 'setup.mjs', [], path), { code: 2, stderr: /`npm ci .*` failed \(exit code 7\)\n$/ })
})

t.test('build: beside dist/, complete or not at all; stale when any input changes', async (t) => {
  const folder = project(t)
  const built = (): boolean => {
    const script = JSON.stringify(join(folder, 'src/bin/build.mjs'))
    const code = `import { DIST, isBuilt } from ${script}; console.log(isBuilt(DIST))`
    return spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }).stdout === 'true\n'
  }
  t.notOk(built(), 'nothing is built yet')
  t.match(run(folder, 'build.mjs'), { code: 0 })
  t.ok(built())
  t.equal(
    readFileSync(join(folder, 'dist/src/publish/functions.lua'), 'utf8'),
    '-- one',
    'what is not TypeScript is copied',
  )
  t.notOk(existsSync(join(folder, 'dist/src/bin')), 'the scripts of a checkout are not')
  for (const input of ['src/cli.ts', 'src/publish/functions.lua', 'package-lock.json', 'src/new.ts']) {
    writeFileSync(join(folder, input), 'two')
    t.notOk(built(), `${input} makes it stale`)
    run(folder, 'build.mjs')
    t.ok(built())
  }
  writeFileSync(join(folder, 'fail'), '')
  writeFileSync(join(folder, 'src/cli.ts'), 'three')
  t.match(run(folder, 'build.mjs'), { code: 2, stderr: /^The build failed .*dist\/ is unchanged\.\n$/ })
  t.ok(existsSync(join(folder, 'dist/src/cli.js')), 'the old one still stands')
  t.same(
    readdirSync(folder).filter((name) => name.startsWith('.dist')),
    [],
    'nothing is left behind',
  )
})

t.test('a build that is ended takes its compiler with it, and the next one cleans up', async (t) => {
  const folder = project(t, { 'node_modules/.bin/tsc': '#!/bin/sh\necho $$ > pid && exec sleep 600\n' })
  chmodSync(join(folder, 'node_modules/.bin/tsc'), 0o755)
  const builder = spawn(process.execPath, [join(folder, 'src/bin/build.mjs')], { stdio: 'ignore' })
  t.teardown(() => builder.kill('SIGKILL'))
  const until = async (holds: () => boolean): Promise<void> => {
    for (let k = 0; k < 6_000 && !holds(); k++) await sleep(5)
  }
  const pid = (): string => (existsSync(join(folder, 'pid')) ? readFileSync(join(folder, 'pid'), 'utf8').trim() : '')
  await until(() => pid() !== '')
  builder.kill('SIGTERM')
  await until(() => !isAlive(pid()))
  t.notOk(isAlive(pid()))
  // Of one that has not quite ended the next build would take nothing for left behind.
  await until(() => builder.exitCode !== null || builder.signalCode !== null)
  const left = (): string[] => readdirSync(folder).filter((name) => name.startsWith('.dist'))
  t.equal(left().length, 1)
  mkdirSync(join(folder, `.dist-${await zombieOf(t)}`))
  writeFileSync(join(folder, 'node_modules/.bin/tsc'), TSC)
  t.match(run(folder, 'build.mjs'), { code: 0 })
  t.same(left(), [])
})

t.test('the closing line of the tests', async (t) => {
  const outcome = (files: Readonly<Record<string, string>>) => {
    const programs = Object.entries(files).map(([name, text]) => [name, `import t from 'tap'\n${text}`])
    const { code, last, stdout } = run(project(t, { 'test/none': '', ...Object.fromEntries(programs) }), 'test.mjs')
    const wrong = stdout.split('\n').flatMap((line) => /^# FAILED (.*)/.exec(line)?.[1] ?? [])
    return { code, last, wrong }
  }
  const good = "t.pass(); t.test('two', async (t) => { t.pass(); t.pass() })"
  const passes = (count: number) => ({ code: 0, last: `${count} passed, 0 failed`, wrong: [] })
  t.same(outcome({ 'test/a.test.ts': good }), passes(3))
  const apart = { 'test/browser/b.test.ts': good, 'test/one/c.test.ts': good, 'test/one/d.test.ts': good }
  t.same(outcome({ 'test/a.test.ts': good, ...apart }), passes(12))
  const skipping = "t.pass(); t.test('no', { skip: true }, () => {}); t.test('not yet', { todo: true }, () => {})"
  t.same(outcome({ 'test/a.test.ts': skipping }), { code: 0, last: '1 passed, 0 failed, 2 skipped', wrong: [] })
  const failed = (last: string, ...wrong: string[]) => ({ code: 1, last, wrong })
  const failing = "t.pass(); t.fail('one'); t.test('two', async (t) => { t.fail() })"
  t.same(
    outcome({ 'test/a.test.ts': failing, 'test/faults/b.test.ts': good }),
    failed('4 passed, 2 failed', 'test/a.test.ts: one', 'test/a.test.ts: two'),
  )
  /** Of three in one process, which goes through them by name. */
  const between = (text: string) =>
    outcome({ 'test/one/a.test.ts': good, 'test/one/b.test.ts': text, 'test/one/c.test.ts': good })
  // The last of the alphabet is the first.
  const b = 'test/one/b.test.ts'
  t.same(between(failing), failed('7 passed, 2 failed', `${b}: one`, `${b}: two`))
  t.same(between(`${good}; process.exitCode = 1`), failed('9 passed, 1 failed', `${b}: it ended with exit code 1`))
  t.same(between("throw new Error('no')"), failed('6 passed, 1 failed', `${b}: no`))
  t.match(between(''), { code: 1, last: /, 1 failed$/, wrong: [`${b}: no test ran`] })
  t.same(between("t.test('left', () => new Promise(() => {}))").code, 1, 'what never ends')
  t.match(between('process.exit(0)'), {
    ...{ code: 1, last: '3 passed, 2 failed' },
    wrong: [`${b}: test unfinished`, / in its midst$/, /^test\/one\/a\.test\.ts: it was not begun: /],
  })
  t.match(between('process.kill(process.pid, "SIGKILL")'), {
    code: 1,
    wrong: [`${b}: it ended with SIGKILL in its midst`],
  })
  const late = `${good}; process.once('exit', () => { process.exitCode = 3 })`
  t.match(outcome({ 'test/a.test.ts': late }), {
    code: 1,
    wrong: [/^test\/a\.test\.ts: all of it passed, and it ended/],
  })
  t.same(outcome({}), { code: 1, last: '0 passed, 1 failed', wrong: ['no test ran'] }, 'no file')
})

t.test('a path that is not there is wrong usage', async (t) => {
  t.match(run(project(t, { 'test/none': '' }), 'test.mjs', ['test/no-such']), {
    code: 2,
    stderr: /^test\/no-such: no such test/,
  })
})
