// Suites that run outside tap's own TypeScript loader, each as a process whose TAP is read by the test that names it.
// That loader does not know every form of a package's exports (hyparquet's "./src/*.js"), and so can load nothing that
// reaches the recorder; Node with tsx can.

import { fileURLToPath } from 'node:url'
import t from 'tap'

/** Runs suites, given as URLs, one after the other. */
export async function runSuites(...suites: readonly URL[]): Promise<void> {
  for (const suite of suites) {
    const file = fileURLToPath(suite)
    const { PATH = '', HOME = '', MIZANI_FAULTS_LONG = '' } = process.env
    await t.spawn(process.execPath, ['--import', 'tsx', file], {
      env: { PATH, HOME, TAP: '1', TAP_TIMEOUT: '280', ...(MIZANI_FAULTS_LONG && { MIZANI_FAULTS_LONG }) },
      timeout: 280_000,
    })
  }
}
