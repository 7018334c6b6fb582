// `npm run package`: packs the package, installs the tarball in a folder of its own as anybody would, and there checks
// a program against its types and runs it.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../harness/root.js'

const PROGRAM = `import { certify, problemSchema, solve, type AllocationOutput, type ProblemInput } from 'mizani'

const PROMISED = { band: 'promised', size: '6Mbps' }
const problem: ProblemInput = {
  bands: [{ id: 'promised', kind: 'guarantee' }, { id: 'share', kind: 'share' }],
  links: [{ id: 'transit', capacity: '10Mbps' }],
  flows: [
    { id: 'hospital', path: ['transit'], demand: '9Mbps', segments: [PROMISED, { band: 'share' }] },
    { id: 'office', path: ['transit'], demand: '9Mbps', segments: [{ band: 'share' }] },
  ],
}
const answer: AllocationOutput = solve(problem)
const rates = answer.flows.map(({ id, kbps }) => id + ' ' + kbps).join(', ')
console.log(rates, certify(problem, answer).ok, typeof problemSchema())
`
const EXPECTED = 'hospital 8000, office 2000 true object'

const begun = performance.now()
const folder = mkdtempSync(join(tmpdir(), 'mizani-package-'))
const run = (command: string, args: readonly string[], cwd = folder): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
let said = ''
try {
  run('npm', ['pack', '--pack-destination', folder, '--loglevel=error'], ROOT)
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error', join(folder, tarball)])
  writeFileSync(join(folder, 'program.ts'), PROGRAM)
  const flags = ['--strict', '--target', 'es2023', '--module', 'nodenext', '--types', '', '--outDir', folder]
  run(join(ROOT, 'node_modules/.bin/tsc'), [...flags, '--skipLibCheck', 'program.ts'])
  said = run(process.execPath, ['program.js']).trim()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const isRight = said === EXPECTED
console.log(`${said}${isRight ? '' : `; expected ${EXPECTED}`}`)
console.log(
  `package: ${((performance.now() - begun) / 1_000).toFixed(0)} s: ${isRight ? 'installs, checks, runs' : 'FAILED'}`,
)
process.exitCode = isRight ? 0 : 1
