// What an assessor would still find open, in the order in which one asks: who may come in, who must agree, who did,
// what crosses a network, what runs where. Each point says what closes it. The doctor prints them behind its findings;
// a machine for a demonstration has most of them, and lives well with that.

import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FACTOR_ROLES } from '../model/principal.js'
import type { Settings } from '../runtime/config.js'
import type { Item } from '../runtime/doctor.js'
import { isLoopback } from '../runtime/loopback.js'
import { FACTOR_ADVICE, withoutFactor } from '../runtime/second-factor.js'
import { isRoot, WITHOUT_ROOT } from './root.js'

/** What the policy in force says of it; null: nobody answers. */
export interface PolicyPoints {
  readonly guards: number
}

export type PointSettings = Pick<Settings, 'data' | 'http' | 'accounts' | 'inClear' | 'audit' | 'adminToken' | 'redis'>

interface Point {
  readonly about: string
  /** Null: it is closed. */
  readonly open: string | null
  readonly remedy: string
}

/** @param modules where the program's packages are, such as /opt/mizani/node_modules */
export function openPoints(settings: PointSettings, policy: PolicyPoints | null, modules: string): Item[] {
  const points = [...identity(settings), ...duties(policy), ...trail(settings), ...lines(settings)]
  const found = [...points, ...machine(settings, modules)].filter(({ open }) => open !== null)
  return found.map(({ about, open, remedy }, k) => {
    return { about: `open ${k + 1}`, verdict: 'look', found: `${about}: ${open}`, advice: remedy }
  })
}

/** Who may come in. */
function identity(settings: PointSettings): Point[] {
  const { data, adminToken, accounts } = settings
  const bare = FACTOR_ROLES.filter((role) => !accounts.secondFactor.includes(role))
  const near = withoutFactor(settings).length === 0 ? ', on this machine alone' : ', and other machines reach the API'
  return [
    {
      about: 'second factor',
      open: bare.length === 0 ? null : `a password is enough for ${bare.join(', ')}${near}`,
      remedy: FACTOR_ADVICE,
    },
    {
      about: 'accounts',
      open: existsSync(join(data, 'first-sign-in'))
        ? 'no administrator has an account yet: the first sign-in link waits'
        : null,
      remedy: `Sign in by ${join(data, 'first-sign-in')}, and give each person an account: mizani user add.`,
    },
    {
      about: 'machine secrets',
      open: adminToken === null ? null : 'MIZANI_ADMIN_TOKEN lets in somebody whom no name stands for',
      remedy: 'Take it away once people have accounts; cli-token in the data folder remains for this machine.',
    },
  ]
}

/** Who must agree. */
function duties(policy: PolicyPoints | null): Point[] {
  return [
    {
      about: 'two people',
      open: policy !== null && policy.guards === 0 ? 'no change of the policy needs a second person' : null,
      remedy:
        'Put guards into policy.yaml (mizani explain-policy guards); with them no administrator approves or audits.',
    },
  ]
}

/** Who did. */
function trail({ audit, http }: PointSettings): Point[] {
  return [
    {
      about: 'the trail',
      open: audit.anchorFile === null && audit.syslog === null ? 'its end is told to nobody outside' : null,
      remedy: 'audit.anchorFile, a file of another account, or audit.syslog; then mizani audit verify --anchors.',
    },
    {
      about: 'access log',
      open: http.accessLog ? null : 'reading leaves no line',
      remedy: 'http.accessLog: true.',
    },
  ]
}

/** What crosses a network. */
function lines({ inClear, http }: PointSettings): Point[] {
  const isFar = !isLoopback(http.host)
  return [
    {
      about: 'encryption',
      open: inClear === null ? null : 'it may be left out',
      remedy: 'Give each line TLS; take MIZANI_UNENCRYPTED away.',
    },
    {
      about: 'the API',
      open: isFar && http.tls === null ? `it listens on ${http.host} and speaks no TLS itself` : null,
      remedy: 'http.tls, or a proxy on this machine and http.host 127.0.0.1.',
    },
  ]
}

/** What runs where. */
function machine({ data, redis }: PointSettings, modules: string): Point[] {
  const owner = statSync(data, { throwIfNoEntry: false })?.uid
  return [
    {
      about: 'root',
      open: owner === 0 || (owner === undefined && isRoot()) ? 'controller and stores run as root' : null,
      remedy: WITHOUT_ROOT,
    },
    {
      about: 'stores',
      open: redis.durable === null ? 'they are private: processes of the controller, of its user' : null,
      remedy: WITHOUT_ROOT,
    },
    {
      about: 'packages',
      open: existsSync(join(modules, 'typescript')) ? 'compilers and tests are installed beside the program' : null,
      remedy: 'Unpack what `npm pack` made, and `npm ci --omit=dev` there.',
    },
  ]
}
