// A certificate authority for tests: made afresh, valid for days, and one of each thing that must be refused.

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'

export interface Pair {
  readonly certificate: string
  readonly key: string
}

export interface Authority extends Pair {
  /** A pair for this name, and the loopback address where the name is `localhost`. */
  issue(name: string, options?: { readonly expired?: boolean; readonly early?: boolean }): Pair
}

const [EARLY, LATER] = ['20900101000000Z', '20910101000000Z']

/** Files under the folder; the authority's own certificate is `certificate`. */
export function makeAuthority(folder: string, name = 'Mizani test authority'): Authority {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = (what: string): string => join(folder, what)
  const openssl = (...args: string[]): void => {
    const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`)
  }
  const newKey = (what: string): string => {
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file(what))
    chmodSync(file(what), 0o600)
    return file(what)
  }
  const key = newKey('ca.key')
  const certificate = file('ca.crt')
  openssl(
    ...['req', '-x509', '-new', '-key', key, '-subj', `/CN=${name}`, '-days', '60', '-out', certificate],
    ...['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'],
  )
  let issued = 0
  return {
    certificate,
    key,
    issue(subject, { expired = false, early = false } = {}) {
      const stem = `${++issued}-${subject}`
      const own = newKey(`${stem}.key`)
      const other = isIP(subject) ? `IP:${subject}` : `DNS:${subject}`
      const names = subject === 'localhost' ? 'DNS:localhost,IP:127.0.0.1' : other
      writeFileSync(file(`${stem}.ext`), `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`)
      openssl('req', '-new', '-key', own, '-subj', `/CN=${subject}`, '-out', file(`${stem}.csr`))
      // 0 days: it ends as it begins.
      const time = early ? ['-not_before', EARLY, '-not_after', LATER] : ['-days', expired ? '0' : '30']
      openssl(
        ...['x509', '-req', '-in', file(`${stem}.csr`), '-CA', certificate, '-CAkey', key, '-CAcreateserial'],
        ...[...time, '-extfile', file(`${stem}.ext`), '-out', file(`${stem}.crt`)],
      )
      return { certificate: file(`${stem}.crt`), key: own }
    },
  }
}
