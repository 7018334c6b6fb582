// `npm run vulnerabilities`: what is known against the packages that are shipped, from the registry (`npm audit`). Exit
// code 0: nothing is known; 1: something is; 2: the registry that this machine asks does not say, which is no comfort.

import { spawnSync } from 'node:child_process'
import { ROOT } from './setup.mjs'

const options = { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }
const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json', ...process.argv.slice(2)], options)
const report = parsed(stdout)
const { vulnerabilities } = report?.metadata ?? {}

if (vulnerabilities === undefined) {
  const why = report?.message ?? report?.error?.summary ?? 'it said nothing that can be read'
  console.error(`The registry has no answer: ${why}. Ask one that has: npm run vulnerabilities -- --registry URL`)
  process.exitCode = 2
} else {
  for (const [name, { severity, range }] of Object.entries(report.vulnerabilities)) console.log(severity, name, range)
  console.log(vulnerabilities.total === 0 ? 'nothing is known' : `${vulnerabilities.total} are known`)
  process.exitCode = vulnerabilities.total === 0 ? 0 : 1
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
