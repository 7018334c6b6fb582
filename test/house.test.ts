// House rules are a test, not a page. First each rule is shown a small tree with a planted breach and must find it;
// then all of them read the real tree (the files, not git), and the picture of who imports whom is drawn into the
// output.

import t, { type Test } from 'tap'
import { VERSION } from '../src/runtime/config.js'
import { readJudged, recheckVersion } from './house/judged.js'
import * as rules from './house/rules.js'
import { readTree } from './house/tree.js'
import { MISTAKES } from './mistakes.js'

const tree = readTree()
const plant = (files: Record<string, string>): rules.Tree => new Map(Object.entries(files))
const show = ({ file, line, message }: rules.Breach): string => `${file}:${line} ${message}`
const WHY = '// Why.\n'

/** A rule, a tree that breaks it, the files it must name, and a tree so near that it must stay silent. */
function planted(
  rule: (tree: rules.Tree) => rules.Breach[] | Promise<rules.Breach[]>,
  breaking: Record<string, string>,
  lawful: Record<string, string>,
): (t: Test) => Promise<void> {
  return async (t) => {
    const found = new Set((await rule(plant(breaking))).map(({ file }) => file))
    t.same([...found].sort(), Object.keys(breaking).sort(), 'every planted breach is found')
    t.same((await rule(plant(lawful))).map(show), [], 'what is lawful is left alone')
  }
}

t.test(
  'planted: imports',
  planted(
    rules.importBreaches,
    {
      'src/model/a.ts': "import { readFileSync } from 'node:fs'",
      'src/solve/a.ts': "import type { X } from '../model/units.js'",
      'src/solve/b.ts': "import { now } from '../runtime/clock.js'",
      'src/wire/a.ts': "import { Redis } from 'ioredis'",
      'src/runtime/a.ts': "export { keys } from '../wire/redis-keys.js'",
      'src/policy/a.ts': "import { solve } from '../solve/solve.js'",
      'src/demand/a.ts': "import { compile } from '../policy/compile/compile.js'",
      'src/publish/a.ts': "const { estimate } = await import('../demand/estimator.js')",
      'src/edge/a.ts': "import type { Compiled } from '../policy/compile/compile.js'",
      'src/planning/a.ts': "import { publish } from '../publish/outgoing.js'",
      'src/api/a.ts': "import { validate } from '../policy/document/validate.js'",
      'src/tick/a.ts': "import { createServer } from '../api/server.js'",
      'src/change/a.ts': "import { Controller } from '../tick/controller.js'",
      'src/gateways/a.ts': "import { commit } from '../change/policy-changes.js'",
      'src/client/a.ts': "import { createServer } from '../api/server.js'",
      'workers/a.ts': "import { tick } from '../src/tick/controller.js'",
    },
    {
      'src/policy/a.ts': "import { createProblem } from '../solve/problem.js'\nimport { z } from 'zod'",
      'src/api/a.ts':
        "import type { A } from '../policy/revisions/revisions.js'\nimport { type Tick } from '../tick/controller.js'",
      'src/edge/a.ts':
        "// import { compile } from '../policy/compile/a.js'\nconst s = \"import x from '../policy/compile/a.js'\"",
      'src/process/main.ts': "import { createServer } from '../api/server.js'",
      'src/cli.ts': "const { runUp } = await import('./process/up.js')",
    },
  ),
)

t.test(
  'planted: owners',
  planted(
    rules.ownerBreaches,
    {
      'src/tick/a.ts': "import fastify from 'fastify'",
      'src/tick/b.ts': "import { Piscina } from 'piscina'",
      'src/edge/a.ts': "import { spawn } from 'node:child_process'",
      'src/publish/a.ts': "import { Redis } from 'ioredis'",
      'src/publish/b.ts': "import type { Redis } from 'ioredis'\nconst r: Redis = new Redis()",
      'src/demand/a.ts': 'const t = Date.now()',
      'src/demand/b.ts': 'const now = new Date()',
      'src/demand/c.ts': 'const now = performance.now',
      'src/edge/b.ts': 'setTimeout(() => {}, 5)',
      'src/edge/c.ts': "import { setTimeout as sleep } from 'node:timers/promises'",
      'test/a.ts': 'const dice = Math.random()',
    },
    {
      'src/api/a.ts': "import fastify from 'fastify'\nimport helmet from '@fastify/helmet'",
      'src/publish/a.ts': "import type { Redis } from 'ioredis'",
      'src/demand/a.ts': "// Date.now() is not for us\nconst day = new Date(at).toISOString() + 'setTimeout('",
      'src/edge/drivers/a.ts': "import { spawn } from 'node:child_process'",
      'src/runtime/clock.ts': 'setTimeout(run, Date.now())',
      'test/a.ts': 'setTimeout(() => {}, Date.now())',
    },
  ),
)

t.test(
  'planted: Redis keys',
  planted(
    rules.keyBreaches,
    {
      'src/publish/a.ts': 'const key = `mz:' + '{' + '$' + '{plane}}:head`',
      'src/edge/a.ts': "const pattern = '~mz:*'",
      'src/publish/a.lua': "redis.call('GET', 'mz:head')",
    },
    {
      'src/publish/a.ts': '// mz:{plane}:head\nconst key = keys.head',
      'src/publish/a.lua': '-- mz:{plane}:head\nreturn KEYS[1]',
      'src/wire/redis-keys.ts': "const prefix = 'mz:'",
    },
  ),
)

t.test(
  'planted: names',
  planted(
    rules.nameBreaches,
    {
      'src/edge/utils.ts': 'export const a = 1',
      'src/edge/link-helper.ts': 'export const a = 1',
      'src/common/a.ts': 'export const a = 1',
      'src/edge/a.ts': 'export class DriverImpl {}',
      'src/edge/b.ts': "export { a } from './a.js'\nexport * from './c.js'",
      'src/edge/d.ts': "export { string } from 'zod'",
      'src/edge/index.ts': 'export const a = 1',
      'src/edge/c.ts': 'export const a = (x: any) => x',
    },
    {
      'src/edge/implement.ts': "export { a } from './a.js'\nexport const any = 1",
      'workers/solve.ts': "export { solveTask as default } from '../src/solve/solve.js'",
      'src/runtime/zod.ts': "export { string } from 'zod'",
    },
  ),
)

t.test(
  'planted: texts',
  planted(
    rules.textBreaches,
    {
      'src/edge/a.ts': 'export const a = 1',
      'src/edge/b.ts': WHY + 'x'.repeat(rules.MAX_COLUMNS + 1),
      'src/edge/c.ts': WHY.repeat(rules.MAX_LINES + 1),
      'src/edge/d.ts': `${WHY}// ${['TO', 'DO'].join('')}: later`,
      'src/edge/e.ts': `${WHY}// @ts-${['ig', 'nore'].join('')}`,
      'src/edge/f.ts': `${WHY}const home = '/${'home'}/me/data'`,
      'README.md': `See ${'..'}/elsewhere/notes.md`,
      'src/publish/a.lua': 'return 1',
      'config/a.yaml': 'a: 1',
    },
    {
      'src/edge/drivers/a.ts': `${WHY}import { a } from '${'../'.repeat(2)}model/a.js'`,
      'src/cli.ts': '#!/usr/bin/env node\n// Why.',
      'src/publish/a.lua': '#!lua name=a\n-- Why.',
      'README.md': 'x'.repeat(200),
    },
  ),
)

t.test(
  'planted: silent failures',
  planted(
    rules.silenceBreaches,
    {
      'src/edge/a.ts': 'try {\n  run()\n} catch {}',
      'src/edge/b.ts': 'await close().catch(() => {})',
      'src/edge/c.ts': "// Far above.\n\nawait open('a//b').catch(() => undefined)",
      'src/edge/d.ts': 'try {\n  run()\n} catch (error) {\n}',
      'src/api/page/a.mjs': 'close().catch(function () {})',
    },
    {
      'src/edge/a.ts': 'try {\n  run()\n} catch {\n  // It is gone already.\n}',
      'src/edge/b.ts': 'await close().catch(() => {}) // it is gone already',
      'src/edge/c.ts': '// It is gone already.\nawait close().catch(() => undefined)',
      'src/edge/d.ts': 'await read().catch(() => null)',
      'src/edge/e.ts': 'await read().catch((error: unknown) => log.warn({ error }))',
      'test/a.ts': 'await close().catch(() => {})',
    },
  ),
)

t.test(
  'planted: expressions that back-track',
  planted(
    rules.backtrackingBreaches,
    {
      'src/policy/a.ts': 'const unit = /^(.*?)[\\s(]+(b\\s*ps)[\\s)]*$/i',
      'src/policy/b.ts': "cell.replace(/\\s+$/, '')",
      'src/edge/a.ts': 'const words = /"((?:\\\\.|[^"])*)"/',
      'src/edge/b.ts': 'new RegExp(`^(a|a)*$' + '{sign}$`)',
      'src/edge/c.ts': 'new RegExp(whatever)',
    },
    {
      'src/policy/a.ts': 'const unit = /[\\s(](b\\s?ps)$/i',
      'src/edge/a.ts': 'const words = /"((?:\\\\.|[^"\\\\])*)"/y',
      'src/edge/b.ts': 'new RegExp(`^$' + '{field}:(\\\\S+)`)',
      'test/a.ts': "cell.replace(/\\s+$/, '')",
    },
  ),
)

t.test('planted: exports', async (t) => {
  const found = rules.exportBreaches(
    plant({
      'src/edge/a.ts': 'export const used = 1\nexport const unused = 2\nexport function tested() {}\nexport type T = 1',
      'src/edge/b.ts': "import { used } from './a.js'\nexport class Unused {}",
      'src/edge/c.ts': 'export const all = 1\nexport const part = 2',
      'src/edge/d.ts': "const { part } = await import('./c.js')",
      'src/edge/e.ts': 'export const all = 1',
      'src/edge/f.ts': "import * as e from './e.js'",
      'src/audit/chain.ts': 'export const hashAfter = 1',
      'test/a.ts': "import { tested } from '../src/edge/a.js'\nimport { hashAfter } from '../src/audit/chain.js'",
    }),
  )
  t.same(
    found.map(({ file, line }) => `${file}:${line}`),
    ['src/edge/a.ts:2', 'src/edge/a.ts:3', 'src/edge/b.ts:2', 'src/edge/c.ts:1'],
  )
})

t.test(
  'planted: circles',
  planted(
    rules.circleBreaches,
    {
      'src/edge/a.ts': "import { b } from './b.js'",
      'src/edge/b.ts': "import { c } from './c.js'",
      'src/edge/c.ts': "const { a } = await import('./a.js')",
      'src/demand/a.ts': "import { b } from './b.js'",
      'src/demand/b.ts': "import type { A } from './a.js'",
      'src/api/a.ts': "import { b } from './b.js'",
      'src/api/b.ts': "import { type A, a } from './a.js'",
    },
    {
      'src/edge/a.ts': "import { b } from './b.js'\nimport { c } from './c.js'",
      'src/edge/b.ts': "import { c } from './c.js'",
      'src/edge/c.ts': '',
      'src/api/a.ts': "import { b } from './b.js'",
      'src/api/b.ts': "import type { A } from './a.js'",
    },
  ),
)

t.test(
  'planted: what threads load',
  planted(
    rules.loadBreaches,
    {
      'workers/solve.ts': "import { a } from '../src/tick/a.js'\nimport * as z from '../src/runtime/zod.js'",
      'src/tick/a.ts': "import 'yaml'",
      'src/process/main.ts': "import { b } from '../record/b.js'\nimport { ByteWriter } from 'hyparquet-writer'",
      'src/record/b.ts': "import { parquetScan } from 'hyparquet'",
    },
    {
      'workers/solve.ts': "import type * as z from '../src/runtime/zod.js'",
      'src/tick/a.ts': "import * as z from '../runtime/zod.js'",
    },
  ),
)

const lines = (n: number): string => 'run()\n'.repeat(n)

t.test(
  'planted: functions',
  planted(
    rules.functionBreaches,
    {
      'src/edge/a.ts': `function long() {\n${lines(rules.MAX_FUNCTION_LINES - 1)}}`,
      'src/edge/b.ts': `class A {\n  long() {\n${lines(rules.MAX_FUNCTION_LINES - 1)}}\n}`,
      'src/edge/c.ts': `const long = () => {\n${lines(rules.MAX_FUNCTION_LINES - 1)}}`,
      'src/process/main.ts': `function startOther() {\n${lines(rules.MAX_FUNCTION_LINES - 1)}}`,
    },
    {
      'src/edge/a.ts': `function short() {\n${lines(rules.MAX_FUNCTION_LINES - 2)}}\n${lines(20)}`,
      'src/process/main.ts': `function startService() {\n${lines(rules.MAX_FUNCTION_LINES)}}`,
      'test/a.ts': `function long() {\n${lines(rules.MAX_FUNCTION_LINES)}}`,
    },
  ),
)

t.test(
  'planted: clocks',
  planted(
    rules.clockBreaches,
    {
      'src/edge/a.ts': "import { systemClock } from '../runtime/clock.js'",
      'src/edge/main-loop.ts': "import { type Clock, systemClock as clock } from '../runtime/clock.js'",
      'src/runtime/a.ts': "import { systemClock } from './clock.js'",
    },
    {
      'src/edge/a.ts': "import type { Clock } from '../runtime/clock.js'",
      'src/edge/main.ts': "import { systemClock } from '../runtime/clock.js'",
      'src/process/a.ts': "import { systemClock } from '../runtime/clock.js'",
      'test/a.ts': "import { systemClock } from '../src/runtime/clock.js'",
    },
  ),
)

t.test('planted: codes', async (t) => {
  const table = "const ERROR_CODES = {\n  retry: ['AWAY'],\n  stop: ['USAGE GONE', 'AWAY'],\n} as const"
  const breaches = rules.codeBreaches(
    plant({
      'src/runtime/errors.ts': table,
      'src/edge/a.ts': "throw new MizaniError({ code: 'USAGE' })\nconst codes = ['AWAY'] // GONE",
    }),
  )
  t.same(
    breaches.map(({ message }) => message),
    ['GONE: nobody throws it', 'AWAY: stands twice in the table'],
  )
})

t.test('planted: the map', async (t) => {
  const map = '| `edge/` | the edge | `agent.ts` | |\n| `solve/` | the solve | `solve.ts` | |\n'
  const breaches = rules.mapBreaches(plant({ 'src/README.md': map, 'src/edge/a.ts': '', 'src/tick/a.ts': '' }))
  t.same(
    breaches.map(({ message }) => message),
    ['no word of tick/', 'solve/ is gone', 'src/edge/agent.ts is gone', 'src/solve/solve.ts is gone'],
  )
})

t.test('the map shows every folder', async (t) => t.same(rules.mapBreaches(tree).map(show), []))

t.test('the folders import what they may', async (t) => {
  t.same(rules.importBreaches(tree).map(show), [])
  for (const line of rules.folderGraph(tree)) t.comment(line)
})

t.test('a failure that is kept silent says why', async (t) => t.same(rules.silenceBreaches(tree).map(show), []))

t.test('no expression takes longer than its text', async (t) => {
  const { judge, safe } = readJudged()
  t.equal(judge, recheckVersion(), 'npm run expressions')
  t.same((await rules.backtrackingBreaches(tree, new Set(safe))).map(show), [])
  const used = rules.expressionsOf(tree)
  t.ok(safe.length > 0 && safe.every((name) => used.has(name)), 'npm run expressions')
})

t.test('what is exported is used', async (t) => t.same(rules.exportBreaches(tree).map(show), []))

t.test('no file needs itself', async (t) => t.same(rules.circleBreaches(tree).map(show), []))

t.test('threads of the tick load no validator', async (t) => t.same(rules.loadBreaches(tree).map(show), []))

t.test('functions fit on two screens', async (t) => t.same(rules.functionBreaches(tree).map(show), []))

t.test('only what is put together reads the machine’s clock', async (t) =>
  t.same(rules.clockBreaches(tree).map(show), []),
)

t.test('codes of errors stand once, and are thrown', async (t) => t.same(rules.codeBreaches(tree).map(show), []))

t.test('every import leads to a file', async (t) => {
  const lost = rules.importsOf(tree).filter(({ target, inside }) => inside && !tree.has(target))
  t.same(
    lost.filter(({ target }) => !target.startsWith('dist/')).map(({ file, target }) => `${file} -> ${target}`),
    [],
  )
})

t.test('each outside thing has one owner', async (t) => t.same(rules.ownerBreaches(tree).map(show), []))

t.test('Redis keys are spelled once', async (t) => t.same(rules.keyBreaches(tree).map(show), []))

t.test('names say what a thing is', async (t) => t.same(rules.nameBreaches(tree).map(show), []))

t.test('files open with why, stay short, are finished, and name no private place', async (t) =>
  t.same(rules.textBreaches(tree).map(show), []),
)

t.test('package.json says what is true', async (t) => {
  const { version, scripts, dependencies, devDependencies } = JSON.parse(tree.get('package.json') ?? '{}')
  t.equal(VERSION, version, 'the version is the same in the code')
  t.match(tree.get('CITATION.cff'), `\nversion: ${version}\n`, 'and where it is cited')
  const started = Object.values<string>(scripts).flatMap((command) =>
    command.match(/\b(src|test|bench)\/\S+\.(ts|mjs)/g),
  )
  t.same(
    started.filter((file) => file !== null && !tree.has(file)),
    [],
    'every script starts a file that is there',
  )
  const used = new Set(
    rules
      .importsOf(tree)
      .filter(({ file, inside, target }) => /^(src|workers)\//.test(file) && !inside && !target.startsWith('node:'))
      .map(({ target }) => target.match(/^(@[^/]+\/)?[^/]+/)?.[0] ?? target),
  )
  t.same([...used].filter((name) => !(name in dependencies)).sort(), [], 'every package in use is a dependency')
  t.same(
    Object.keys(dependencies).filter((name) => !used.has(name)),
    [],
    'every dependency is in use',
  )
  t.same(
    Object.keys(dependencies).filter((name) => name in devDependencies),
    [],
    'none is named twice',
  )
  const readme = tree.get('README.md') ?? ''
  t.same(
    Object.keys(dependencies).filter((name) => !readme.includes(name)),
    [],
    'the README gives each its reason',
  )
})

t.test('each mistake that tests must find has its place, and tests', async (t) => {
  for (const { what, file, right, wrong, tests } of MISTAKES) {
    t.equal(tree.get(file)?.split(right).length, 2, `${what}: ${file} says once: ${right}`)
    t.not(right, wrong)
    for (const path of tests)
      t.ok(
        [...tree.keys()].some((name) => name.startsWith(path)),
        path,
      )
  }
})
