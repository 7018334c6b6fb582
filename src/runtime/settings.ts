// Which settings a process has: the shape of config/mizani.yaml with the built-in defaults. How they are read, and
// which variable sets which, stands in config.ts.

import { SEVERITIES } from '../model/alarm.js'
import { FACTOR_ROLES } from '../model/principal.js'
import { type BitsPerSecond, parseRate, rateFault } from '../model/units.js'
import { ldapSettings, oidcSettings } from './identity-settings.js'
import { MAX_ID_LENGTH, MAX_WORKERS } from './limits.js'
import { LOG_LEVELS } from './log.js'
import { faultOfAddress } from './store-address.js'
import * as z from './zod.js'

export const DRIVERS = ['linux-htb', 'routeros', 'radius-coa', 'simulated', 'dry-run'] as const
export type DriverName = (typeof DRIVERS)[number]

const path = z.string().min(1)
const address = z.string().superRefine((text, { addIssue }) => {
  const fault = faultOfAddress(text)
  if (fault !== null) addIssue({ code: 'custom', message: fault })
})

const PROXIES = '["127.0.0.1", "10.20.0.0/28"]'
const proxy = z
  .union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error: `expected the address of a proxy, as in ${PROXIES}` })
  .refine((text) => !text.endsWith('/0'), { error: 'expected proxies; this is everybody' })

const connections = z.strictObject({
  each: z.int().min(1).default(1_000).describe('Connections of one address (of IPv6: of its /64)'),
  halfOpen: z.int().min(1).default(250).describe('Of these, connections on which no request has been read yet'),
  proxy: z.int().min(1).default(4_000).describe('Connections of one address of `trustProxy`'),
  total: z.int().min(1).default(8_000).describe('Connections of all; fewer where the process may open few files'),
  headerSeconds: z
    .number()
    .min(0.1)
    .max(30)
    .default(5)
    .describe('Seconds that a client has for a TLS handshake, and for the head of a request'),
})

const http = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on. Anything but loopback needs `tls`'),
  port: z.int().min(0).max(65_535).default(8080).describe('Port to listen on; 0: any free one'),
  trustProxy: z
    .array(proxy, { error: `expected a list of proxies such as ${PROXIES}, for what others forward anybody can write` })
    .default([])
    .describe('Addresses or prefixes of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed'),
  tls: z
    .strictObject({
      certificate: path.describe('PEM file: ours, with those that vouch for it behind it'),
      key: path.describe('PEM file of its key, of mode 0600 (or root:GROUP, 0640)'),
    })
    .nullable()
    .default(null)
    .describe('Speak TLS ourselves; null: plain HTTP'),
  publicUrl: z
    .url({ protocol: /^https?$/, error: 'expected https://host:port' })
    .nullable()
    .default(null)
    .describe('Where gateways and people reach this server, if not where it listens'),
  controllers: z
    .array(z.url({ protocol: /^https?$/, error: 'expected https://host:port' }))
    .default([])
    .describe('Where gateways reach each controller of the plane: one is enough for their rates, whichever works'),
  accessLog: z
    .boolean()
    .default(false)
    .describe('A line in the log for each request: who, what, from where, how it went'),
  connections: connections.prefault({}).describe('Connections that are kept open; the alarm CONNECTIONS_LIMITED'),
})

const tls = z.strictObject({
  ca: path.nullable().default(null).describe('PEM file of who vouches for the stores'),
  certificate: path.nullable().default(null).describe('PEM file of our own certificate, where they ask for one'),
  key: path.nullable().default(null).describe('PEM file of its key, of mode 0600 (or root:GROUP, 0640)'),
  servername: z.string().min(1).nullable().default(null).describe('The name that the stores carry in theirs'),
})

const redis = z.strictObject({
  durable: address
    .nullable()
    .default(null)
    .describe(
      'Policy, overrides, users, audit (appendfsync always, noeviction); null: `mizani up` starts a private one',
    ),
  volatile: address
    .nullable()
    .default(null)
    .describe('Rates and reports (no persistence, noeviction); null: a private one'),
  admin: address
    .nullable()
    .default(null)
    .describe('The volatile store, as a user that may write ACLs: for `mizani edge-user`'),
  forEdges: address.nullable().default(null).describe('The volatile store as gateways reach it, without an account'),
  tls: tls.prefault({}).describe('Certificates for rediss:// addresses'),
})

const syslog = z.strictObject({
  host: z.string().min(1).describe('Server that takes RFC 5424 over TLS (RFC 5425)'),
  port: z.int().min(1).max(65_535).default(6514).describe('Its port'),
  ca: path.nullable().default(null).describe('PEM file of who vouches for it; null: whom this machine trusts'),
  certificate: path.nullable().default(null).describe('PEM file of our own certificate, where it asks for one'),
  key: path.nullable().default(null).describe('PEM file of its key, of mode 0600 (or root:GROUP, 0640)'),
  servername: z.string().min(1).nullable().default(null).describe('The name that it carries in its certificate'),
})

const audit = z.strictObject({
  key: path
    .nullable()
    .default(null)
    .describe('What this controller signs its entries with: a file of mode 0600, another at each; null: in `data`'),
  peers: z
    .array(z.string().regex(/^[\w-]{43}$/, 'expected a public key, as `mizani audit key` prints it'))
    .default([])
    .describe('Public keys of the other controllers of the plane, and of those that are gone'),
  anchorFile: path
    .nullable()
    .default(null)
    .describe('Where the end of the trail is written as well: a file that another account owns; null: nowhere'),
  syslog: syslog.nullable().default(null).describe('Where it is sent as well; null: nowhere'),
})

const accounts = z.strictObject({
  secondFactor: z
    .array(z.enum(FACTOR_ROLES))
    .default([])
    .describe('Roles that must have a second factor: whoever has one and none enrolled can only enrol'),
})

const history = z.strictObject({
  months: z.int().min(1).max(120).default(13).describe('Months that the record keeps; the oldest days go first'),
  gigabytes: z.number().min(0.1).max(10_000).default(20).describe('Gigabytes of disk that it may take'),
})

const mail = z.strictObject({
  host: z.string().min(1).describe('Mail server'),
  port: z.int().min(1).max(65_535).default(587).describe('Its port'),
  secure: z
    .boolean()
    .default(false)
    .describe('TLS from the first byte; false: STARTTLS, without which no password goes'),
  user: z.string().min(1).nullable().default(null).describe('Account there; null: none is needed'),
  from: z.string().min(3).describe('Sender'),
  to: z
    .array(
      z.strictObject({
        address: z.string().min(3).describe('Who is told'),
        severity: z.enum(SEVERITIES).default('major').describe('Of this and worse alarms'),
        regions: z.array(z.string().min(1)).default([]).describe('Only of these regions; none: of all'),
      }),
    )
    .describe('Who is told of alarms'),
})

const device = z.strictObject({
  address: z
    .url({ protocol: /^(https?|radius)$/, error: 'expected https://host or radius://host:3799' })
    .describe('https://host of a RouterOS router, radius://host:3799 of an access server'),
  user: z.string().min(1).nullable().default(null).describe('Account on it'),
  ca: path.nullable().default(null).describe('PEM file of who vouches for it'),
  session: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('By which attributes an access server knows a site’s session; null: User-Name={site}'),
  accounting: z
    .strictObject({
      host: z.union([z.ipv4(), z.ipv6()]).describe('Address to listen on'),
      port: z.int().min(0).max(65_535).default(1_813).describe('Port to listen on'),
      from: z
        .array(z.union([z.ipv4(), z.ipv6()]))
        .min(1)
        .nullable()
        .default(null)
        .describe('Addresses of access servers that may tell; null: whoever knows the secret'),
    })
    .nullable()
    .default(null)
    .describe('Where an access server tells of its sessions: one that begins is told its rates again; null: nowhere'),
})

const metrics = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  port: z.int().min(0).max(65_535).describe('Port to listen on'),
})

const interfaces = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)], { error: 'expected eth1, or a list: [eth1, eth2]' })
  .nullable()
  .default(null)
const portRate = z.string().transform((text, { addIssue }): BitsPerSecond => {
  const rate = parseRate(text) ?? 0
  if (rate <= 0) addIssue({ code: 'custom', message: rateFault(text, Number.MAX_SAFE_INTEGER) })
  return rate
})

const edge = z.strictObject({
  id: z.string().min(1).max(MAX_ID_LENGTH).nullable().default(null).describe("The edge's id in the plane"),
  driver: z.enum(DRIVERS).nullable().default(null).describe('What enforces the rates on this machine'),
  lan: interfaces.describe('Interfaces towards the institutions: one, or a list'),
  wan: interfaces.describe('Interfaces towards the network: one, or a list'),
  ports: z
    .record(z.string().min(1), portRate)
    .default({})
    .describe('Rate by interface: what one of them can send at most, where that is less than the port of the edge'),
  device: device
    .nullable()
    .default(null)
    .describe('The router or access server that this agent sets; null: this machine'),
  metrics: metrics
    .nullable()
    .default(null)
    .describe('Metrics for Prometheus besides those at the local socket; null: none'),
})

/** What config/mizani.yaml may say, with the built-in defaults; `mizani explain-settings` prints it. */
export const settingsSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,31}$/, 'expected up to 32 of a-z, 0-9, "." and "-"')
    .nullable()
    .default(null)
    .describe('Name of this controller among others; null: any'),
  plane: path.default('config/taifa').describe('Folder of the plane that seeds an empty store'),
  data: path.default('data').describe('State of this process: private stores, lock, tokens, record; mode 0700'),
  edgeKeys: path
    .nullable()
    .default(null)
    .describe('The secrets behind the keys of edges: the same file at each controller, mode 0600; null: in `data`'),
  sealingKey: path
    .nullable()
    .default(null)
    .describe('What webhooks’ and authenticators’ secrets are sealed with: the same file at each; null: in `data`'),
  audit: audit.prefault({}).describe('The trail of who did what: its keys, and where its end is told to the outside'),
  accounts: accounts.prefault({}).describe('Who signs in, and by what'),
  logLevel: z.enum(LOG_LEVELS).default('info').describe('How much the log says'),
  demo: z.boolean().default(true).describe("`mizani up` plays the plane's edges with a simulated data plane"),
  http: http.prefault({}).describe('The API and the page'),
  redis: redis.prefault({}).describe('The stores. Passwords have no place in a file: REDIS_URL, RATES_REDIS_URL'),
  history: history.prefault({}).describe('The record of what was asked and given, five minutes a row'),
  webhooks: z
    .strictObject({
      allow: z.array(z.string().min(1)).default([]).describe('Hosts, or host:port, that alarms may be posted to'),
    })
    .prefault({})
    .describe('Alarms to other systems'),
  mail: mail.nullable().default(null).describe('Alarms by e-mail; null: none'),
  oidc: oidcSettings.nullable().default(null).describe('A provider that signs people in (OpenID Connect); null: none'),
  ldap: ldapSettings.nullable().default(null).describe('A directory that signs people in (LDAP); null: none'),
  workers: z
    .int()
    .min(0)
    .max(MAX_WORKERS)
    .default(0)
    .describe('Threads for simulation; 0: as many as the machine has cores'),
  unencrypted: z
    .enum(['refused', 'accepted'])
    .default('refused')
    .describe(
      'Other machines spoken to without TLS: stores, controllers, routers. Accepted, it is an alarm that stays',
    ),
  edge: edge.prefault({}).describe('Of `mizani edge` on a gateway: what belongs to this machine alone'),
})

export type FileSettings = z.infer<typeof settingsSchema>
