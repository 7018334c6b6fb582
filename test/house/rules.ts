// The house rules as pure functions over a tree of files, a map from path to text. The test runs them on the real
// tree, and on small trees with a planted breach, because a rule that cannot fail guards nothing. Source is read with
// the TypeScript parser, so that a word in a comment or a string is not taken for code.

import { posix } from 'node:path'
import { check } from 'recheck'
import ts from 'typescript'

export type Tree = ReadonlyMap<string, string>

export interface Breach {
  readonly file: string
  readonly line: number
  readonly message: string
}

export interface Import {
  readonly file: string
  readonly line: number
  /** Path in the tree, or the name of a package or built-in. */
  readonly target: string
  readonly inside: boolean
  readonly typeOnly: boolean
}

// ---- who may import whom

interface Allowance {
  readonly folders: readonly string[]
  /** Single files of other folders. */
  readonly files?: readonly string[]
  /** Types may come from anywhere: instances are handed in. */
  readonly anyTypes?: boolean
  /** Packages and built-ins: none, these, or all. */
  readonly outside: 'all' | readonly string[]
}

const GROUND = ['model', 'wire', 'runtime']
/** The data the solver works on, not the algorithm. */
const PROBLEM = ['src/solve/problem.ts']
const CONSOLE_PACKAGES = ['preact', 'preact/hooks', '@preact/signals', 'preact-render-to-string', 'uplot']
const FLOW = ['policy', 'demand', 'solve', 'publish', 'edge']

export const ALLOWANCES: Readonly<Record<string, Allowance>> = {
  model: { folders: [], outside: [] },
  solve: { folders: [], outside: [] },
  // Hashes, checksums and schemas are pure, and so are limits and what is printable; no more of Node or runtime is.
  wire: {
    folders: ['model'],
    files: ['src/runtime/limits.ts', 'src/runtime/errors.ts', 'src/runtime/printable.ts', 'src/runtime/zod.ts'],
    outside: ['node:crypto', 'node:zlib', 'node:buffer'],
  },
  runtime: { folders: ['model'], outside: 'all' },
  policy: { folders: GROUND, files: PROBLEM, outside: 'all' },
  demand: { folders: GROUND, files: PROBLEM, outside: 'all' },
  publish: { folders: GROUND, files: PROBLEM, outside: 'all' },
  edge: { folders: GROUND, outside: 'all' },
  planning: { folders: [...GROUND, 'policy', 'demand', 'solve', 'record'], outside: 'all' },
  accounts: { folders: GROUND, outside: 'all' },
  audit: { folders: GROUND, outside: 'all' },
  record: { folders: [...GROUND, 'policy', 'solve'], outside: 'all' },
  ledger: { folders: [...GROUND, 'policy', 'record'], outside: 'all' },
  tick: { folders: [...GROUND, ...FLOW, 'record'], outside: 'all' },
  change: { folders: [...GROUND, 'policy'], anyTypes: true, outside: 'all' },
  gateways: {
    folders: [...GROUND, 'policy', 'edge', 'accounts'],
    files: ['src/publish/profile.ts', 'src/tick/static-rates.ts'],
    anyTypes: true,
    outside: 'all',
  },
  // What a policy may say is shown by whoever takes one.
  api: { folders: GROUND, files: ['src/policy/document/describe.ts'], anyTypes: true, outside: 'all' },
  // A trail that was taken away is proven without the server that kept it.
  client: {
    folders: [...GROUND, 'policy', 'record'],
    files: ['chain', 'prove', 'anchors'].map((file) => `src/audit/${file}.ts`),
    outside: 'all',
  },
  // Pages, in a browser and on the server: of the API they know its description alone.
  console: { folders: ['model'], anyTypes: true, outside: CONSOLE_PACKAGES },
  workers: {
    folders: ['model', 'runtime', 'solve', 'policy', 'planning', 'record', 'gateways', 'accounts', 'ledger'],
    outside: 'all',
  },
}
/** Where the parts are put together: these may import everything. */
export const ROOTS = ['cli', 'process']

/** src/edge/drivers/x.ts -> edge; workers/x.ts -> workers; src/cli.ts -> cli. */
export function folderOf(file: string): string {
  const [first = '', second = ''] = file.split('/')
  return first === 'src' ? second.replace(/\.ts$/, '') : first
}

export function importBreaches(tree: Tree): Breach[] {
  return importsOf(tree).flatMap(({ file, line, target, inside, typeOnly }) => {
    const folder = folderOf(file)
    const may = ALLOWANCES[folder]
    if (may === undefined || ROOTS.includes(folder)) return []
    const refuse = (allowed: string): Breach[] => [{ file, line, message: `${folder} imports ${target}; ${allowed}` }]
    if (!inside) {
      if (may.outside === 'all' || may.outside.includes(target)) return []
      return refuse(`from outside it may import ${may.outside.join(', ') || 'nothing'}`)
    }
    const there = folderOf(target)
    const allowed = there === folder || may.folders.includes(there) || (may.files ?? []).includes(target)
    if (allowed || (typeOnly && may.anyTypes === true)) return []
    return refuse(`it may import ${[...may.folders, ...(may.files ?? [])].join(', ') || 'nothing'}`)
  })
}

/** One line a folder: which folders it imports (in brackets: types only). */
export function folderGraph(tree: Tree): string[] {
  const edges = new Map<string, Map<string, boolean>>()
  for (const { file, target, inside, typeOnly } of importsOf(tree)) {
    const [from, to] = [folderOf(file), folderOf(target)]
    if (!inside || from === to || from === 'test') continue
    const row = edges.get(from) ?? new Map<string, boolean>()
    row.set(to, (row.get(to) ?? true) && typeOnly)
    edges.set(from, row)
  }
  return [...edges]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([from, row]) => {
      const to = [...row].sort(([a], [b]) => a.localeCompare(b)).map(([name, types]) => (types ? `(${name})` : name))
      return `${from.padEnd(9)} -> ${to.join(' ')}`
    })
}

// ---- one owner for each outside thing

interface Owner {
  readonly of: string
  readonly matches: RegExp
  readonly owners: readonly string[]
  readonly typesAnywhere?: boolean
}

const PACKAGE_OWNERS: readonly Owner[] = [
  { of: 'fastify', matches: /^(fastify|@fastify\/.*|fastify-.*)$/, owners: ['src/api/'] },
  { of: 'piscina', matches: /^piscina$/, owners: ['src/runtime/pool.ts'] },
  { of: 'threads', matches: /^node:worker_threads$/, owners: ['src/runtime/thread.ts', 'workers/'] },
  {
    of: 'child processes',
    matches: /^(node:)?child_process$/,
    owners: ['src/edge/drivers/', 'src/runtime/guarded.ts', 'src/runtime/private-redis.ts', 'src/bin/'],
  },
  { of: 'bullmq', matches: /^bullmq$/, owners: ['src/runtime/jobs.ts'] },
  { of: 'ioredis', matches: /^ioredis$/, owners: ['src/runtime/redis.ts'], typesAnywhere: true },
  { of: 'timers', matches: /^node:timers(\/promises)?$/, owners: ['src/runtime/clock.ts'] },
  { of: 'performance', matches: /^node:perf_hooks$/, owners: ['src/runtime/clock.ts'] },
  {
    of: 'the command line',
    matches: /^commander$/,
    owners: ['src/cli.ts', 'src/cli/'],
  },
  { of: 'drawing', matches: /^(@?preact\b.*|uplot)$/, owners: ['src/console/'] },
  { of: 'schemas', matches: /^zod\b/, owners: ['src/runtime/zod.ts'] },
  { of: 'schemas of requests', matches: /^fastify-type-provider-zod$/, owners: ['src/api/type-provider.ts'] },
  { of: 'logging', matches: /^pino$/, owners: ['src/runtime/log.ts'] },
]

/** Expressions that read the machine's time or chance. The empty owner list means nobody. */
const EXPRESSION_OWNERS: readonly Owner[] = [
  {
    of: 'time',
    matches: /^(Date\.now|performance\.now|process\.hrtime(\.bigint)?|new Date)$/,
    owners: ['src/runtime/clock.ts', 'src/console/clock.ts'],
  },
  {
    of: 'timers',
    matches: /^(setTimeout|setInterval)$/,
    owners: ['src/runtime/clock.ts', 'src/console/clock.ts'],
  },
  { of: 'Redis connections', matches: /^new (Redis|Cluster)$/, owners: ['src/runtime/redis.ts'] },
  { of: 'chance', matches: /^Math\.random$/, owners: [] },
]

/** Tests, benches and scripts wait and measure as they like; chance is seeded everywhere. */
const isProduct = (file: string): boolean => /^(src\/(?!bin\/)|workers\/)/.test(file)

export function ownerBreaches(tree: Tree): Breach[] {
  const breaches: Breach[] = []
  for (const { file, line, target, inside, typeOnly } of importsOf(tree)) {
    if (inside || !/^(src|workers)\//.test(file)) continue
    for (const { of, matches, owners, typesAnywhere } of PACKAGE_OWNERS) {
      if (!matches.test(target) || (typeOnly && typesAnywhere === true)) continue
      if (!isOwner(file, owners))
        breaches.push({ file, line, message: `${target}: ${of} belongs to ${owners.join(', ')}` })
    }
  }
  for (const [file, text] of tree) {
    if (!isTypeScript(file)) continue
    walk(file, text, (node, lineOf) => {
      const found = timeOrChance(node)
      if (found === undefined) return
      for (const { of, matches, owners } of EXPRESSION_OWNERS) {
        if (!matches.test(found) || isOwner(file, owners) || (owners.length > 0 && !isProduct(file))) continue
        breaches.push({ file, line: lineOf(), message: `${found}: ${of} belongs to ${owners.join(', ') || 'nobody'}` })
      }
    })
  }
  return breaches
}

const isOwner = (file: string, owners: readonly string[]): boolean => owners.some((owner) => file.startsWith(owner))

function timeOrChance(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node)) {
    // `new Date(x)` turns a known time into words; only the one without arguments asks the machine.
    if (node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) > 0) return undefined
    return `new ${node.expression.getText()}`
  }
  if (ts.isPropertyAccessExpression(node)) return node.getText()
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) ? node.expression.text : undefined
}

/** Redis keys are spelled in one file. */
export function keyBreaches(tree: Tree): Breach[] {
  const breaches: Breach[] = []
  for (const [file, text] of tree) {
    if (!isProduct(file) || file === 'src/wire/redis-keys.ts') continue
    const message = 'a Redis key is spelled here; src/wire/redis-keys.ts spells all of them'
    if (file.endsWith('.lua')) {
      linesOf(text).forEach((line, i) => {
        if (line.replace(/--.*$/, '').includes('mz:')) breaches.push({ file, line: i + 1, message })
      })
    } else if (isTypeScript(file)) {
      walk(file, text, (node, lineOf) => {
        const literal =
          ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
        if (literal && node.text.includes('mz:')) breaches.push({ file, line: lineOf(), message })
      })
    }
  }
  return breaches
}

// ---- names, sizes, words

const EMPTY_NAMES = /^(utils?|helpers?|managers?|commons?|old|new|v\d+|impl|misc|index)$/i
const EMPTY_ENDINGS = /(Impl|Manager|Helpers?|Utils?)$/
export const MAX_COLUMNS = 120
/** Style says about 300; this is where a file must be parted. Tests are few and large. */
export const MAX_LINES = 400
/** Golden bytes, hashes and the like cannot be broken, and are better read in one piece; so are lines of tc's own. */
const UNBREAKABLE = /[^\s,]{60,}|^(class|qdisc|filter) (add|change|del) dev /

/** Of what stands here anyway; and of a package whose one owner this file is, it may be the door. */
const isDoor = (file: string, from: ts.Expression | undefined): boolean =>
  from === undefined ||
  (ts.isStringLiteral(from) &&
    PACKAGE_OWNERS.some(({ owners, matches }) => owners.includes(file) && matches.test(from.text)))

export function nameBreaches(tree: Tree): Breach[] {
  const breaches: Breach[] = []
  for (const [file, text] of tree) {
    if (!isCode(file)) continue
    const word = file.split(/[/._-]/).find((part) => EMPTY_NAMES.test(part))
    if (word !== undefined) breaches.push({ file, line: 1, message: `"${word}" says nothing; name the idea` })
    if (!isTypeScript(file)) continue
    const source = parse(file, text)
    const exports = source.statements.filter((s) => ts.isExportDeclaration(s) && !isDoor(file, s.moduleSpecifier))
    // A worker is a name for a function that stands elsewhere: that is its whole work.
    if (exports.length > 0 && exports.length === source.statements.length && !file.startsWith('workers/')) {
      breaches.push({ file, line: 1, message: 'a barrel file; import from where a thing is' })
    }
    walk(file, text, (node, lineOf) => {
      const named = ts.isClassDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isInterfaceDeclaration(node)
      const name = named ? (node.name?.text ?? '') : ''
      if (EMPTY_ENDINGS.test(name)) breaches.push({ file, line: lineOf(), message: `${name}: the ending says nothing` })
      if (node.kind === ts.SyntaxKind.AnyKeyword)
        breaches.push({ file, line: lineOf(), message: '`any` switches the checks off' })
    })
  }
  return breaches
}

const OPENING: Readonly<Record<string, RegExp>> = {
  '.ts': /^(#!.*\n)?(\/\/|\/\*)/,
  '.tsx': /^\/\//,
  '.mjs': /^(#!.*\n)?(\/\/|\/\*)/,
  '.lua': /^(#!.*\n)?--/,
  '.yaml': /^#/,
}
// Spelled in two parts, so that this file does not accuse itself.
const UNFINISHED = new RegExp(`\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|${['XX', 'X'].join('')})\\b`)
const SWITCHED_OFF = new RegExp(`@ts-(${['ig', 'nore'].join('')}|${['no', 'check'].join('')})`)

export function textBreaches(tree: Tree): Breach[] {
  const breaches: Breach[] = []
  for (const [file, text] of tree) {
    const add = (line: number, message: string): void => void breaches.push({ file, line, message })
    const lines = linesOf(text)
    const opening = OPENING[posix.extname(file)]
    if (opening !== undefined && !opening.test(text)) add(1, 'no opening comment: why does this file exist?')
    const isTest = file.startsWith('test/')
    // Nobody edits it; its opening says what writes it.
    const isGenerated = /^\/\/ Generated by `/.test(text)
    if (isCode(file) && !isTest && !isGenerated && lines.length > MAX_LINES)
      add(1, `${lines.length} lines, at most ${MAX_LINES}`)
    lines.forEach((line, i) => {
      const long = line.length > MAX_COLUMNS && !(isTest && UNBREAKABLE.test(line))
      if (isCode(file) && long && !isGenerated) add(i + 1, `${line.length} columns, at most ${MAX_COLUMNS}`)
      if (UNFINISHED.test(line)) add(i + 1, 'unfinished business; do it or write it down as an issue')
      if (SWITCHED_OFF.test(line)) add(i + 1, 'the compiler is silenced')
      if (leavesProject(file, line)) add(i + 1, 'names a place outside the project, which only one machine has')
    })
  }
  return breaches
}

/** A personal or temporary folder, or more `..` than the file is deep. */
function leavesProject(file: string, line: string): boolean {
  if (/(^|[\s'"`(=:])\/(home|root|Users|work|tmp)\//.test(line)) return true
  const depth = file.split('/').length - 1
  // Imports and URLs climb from the file itself; prose and commands climb from the project's folder or its parts.
  return [...line.matchAll(/(?:\.\.\/)+/g)].some(([climb]) => climb.length / 3 > depth)
}

// ---- what is not heard of

/** A failure that nobody hears of has its reason beside it: in the empty block, on its line, or on the line above. */
export function silenceBreaches(tree: Tree): Breach[] {
  const breaches: Breach[] = []
  for (const [file, text] of tree) {
    if (!isProduct(file) || file.endsWith('.lua') || !isCode(file)) continue
    const lines = linesOf(text)
    walk(file, text, (node) => {
      const silent = silentCatch(node)
      if (silent === undefined) return
      const source = silent.getSourceFile()
      const [first, last] = [silent.getStart(source), silent.getEnd()].map(
        (at) => source.getLineAndCharacterOfPosition(at).line,
      ) as [number, number]
      const isSaid = lines.slice(first, last + 1).some((line) => /(^|\s)(\/\/|\/\*)/.test(line))
      if (isSaid || /^\s*(\/\/|\/?\*)/.test(lines[first - 1] ?? '')) return
      breaches.push({ file, line: first + 1, message: 'a failure is kept silent, and no comment gives the reason' })
    })
  }
  return breaches
}

/** The block or function that swallows what was thrown. */
function silentCatch(node: ts.Node): ts.Node | undefined {
  if (ts.isCatchClause(node)) return node.block.statements.length === 0 ? node.block : undefined
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined
  const [handler] = node.arguments
  if (node.expression.name.text !== 'catch' || handler === undefined) return undefined
  if (!ts.isArrowFunction(handler) && !ts.isFunctionExpression(handler)) return undefined
  const { body } = handler
  const isEmpty = ts.isBlock(body) ? body.statements.length === 0 : /^(undefined|void 0)$/.test(body.getText())
  return isEmpty ? handler : undefined
}

// ---- expressions that back-track

/**
 * Expressions of the product whose time grows faster than the text, by an automaton that counts ways to match
 * (recheck); what a template is made of counts as a letter. Timing pumped texts would find what somebody thought of.
 * `judged` are safe by an earlier judgement, which is always the same of the same expression.
 */
export async function backtrackingBreaches(tree: Tree, judged: ReadonlySet<string> = new Set()): Promise<Breach[]> {
  const breaches: Breach[] = []
  for (const [name, expression] of expressionsOf(tree))
    if (!judged.has(name)) breaches.push(...(await judge(name, expression)))
  return breaches
}

/** Where it stands, if it is not safe. One program answers for all of them; the synchronous call starts one each. */
export async function judge(name: string, { pattern, flags, at }: Expression): Promise<Breach[]> {
  const found = await check(pattern, flags, { timeout: null })
  if (found.status === 'safe') return []
  const verdict = found.status === 'vulnerable' ? found.complexity.summary : 'not decided'
  return at.map((place) => ({ ...place, message: `${name} is ${verdict}` }))
}

interface Expression {
  readonly pattern: string
  readonly flags: string
  readonly at: { readonly file: string; readonly line: number }[]
}

/** By how they are written. */
export function expressionsOf(tree: Tree): ReadonlyMap<string, Expression> {
  const places = new Map<string, Expression>()
  for (const [file, text] of tree) {
    if (!/^(src|workers)\//.test(file) || file.endsWith('.lua') || !isCode(file)) continue
    walk(file, text, (node, lineOf) => {
      const [pattern, flags] = expressionOf(node) ?? []
      if (pattern === undefined || flags === undefined) return
      const name = `/${pattern}/${flags}`
      const place = places.get(name) ?? { pattern, flags, at: [] }
      place.at.push({ file, line: lineOf() })
      places.set(name, place)
    })
  }
  return places
}

function expressionOf(node: ts.Node): string[] | undefined {
  if (ts.isRegularExpressionLiteral(node)) return /^\/(.*)\/([a-z]*)$/s.exec(node.text)?.slice(1)
  if (!(ts.isNewExpression(node) || ts.isCallExpression(node)) || node.expression.getText() !== 'RegExp') return
  const [pattern, flags] = node.arguments ?? []
  const said = flags !== undefined && ts.isStringLiteralLike(flags) ? flags.text : ''
  if (pattern !== undefined && ts.isStringLiteralLike(pattern)) return [pattern.text, said]
  if (pattern === undefined || !ts.isTemplateExpression(pattern)) return ['(a|a)*b', said] // nobody knows what it is
  return [pattern.head.text + pattern.templateSpans.map(({ literal }) => `x${literal.text}`).join(''), said]
}

// ---- what nobody uses

/** Values that only tests and benches ask for, beside the file that has them. */
const FOR_TESTS: Readonly<Record<string, readonly string[]>> = {
  'src/api/edges/static-edges.ts': ['drainView'],
  'src/api/events/event-hub.ts': ['tellChanges', 'tellOngoing'],
  'src/api/shapes.ts': ['flowShape'],
  'src/audit/chain.ts': ['hashAfter'],
  'src/cli.ts': ['main'],
  'src/client/history-import.ts': ['daysOf'],
  'src/demand/estimator.ts': ['STILL', 'idleAsk', 'settles'],
  'src/demand/split.ts': ['PHI_LEAST', 'PHI_STEP'],
  'src/edge/drivers/linux-htb/desired.ts': ['LIFTED_RATE', 'htbBurst', 'leafRates'],
  'src/edge/drivers/linux-htb/leaf-queue.ts': ['queueLimit'],
  'src/edge/drivers/radius-coa.ts': ['attributesFor'],
  'src/edge/local/doctor.ts': ['lookAtLink', 'lookAtMachine'],
  'src/edge/local/unmapped.ts': ['tableText'],
  'src/edge/local/why.ts': ['rowsNamed'],
  'src/edge/reporter.ts': ['CounterSelection'],
  'src/gateways/accounts.ts': ['INVITATION_LIFE'],
  'src/ledger/answers.ts': ['useOf'],
  'src/ledger/sharing.ts': ['shareOut'],
  'src/model/concord.ts': ['headClass'],
  'src/planning/allocate.ts': ['allocate'],
  'src/planning/base.ts': ['applyChanges', 'loadBase'],
  'src/planning/networks/read-command.ts': ['readNetwork'],
  'src/planning/preview.ts': ['compareOutcomes'],
  'src/planning/problem-file.ts': ['checkProblem'],
  'src/planning/scenario.ts': ['loadScenario'],
  'src/planning/study/buy-command.ts': ['breaksOf', 'withLate'],
  'src/planning/study/futures.ts': ['demandOfMoments', 'stepOfMoment'],
  'src/planning/study/odds.ts': ['parseOdds'],
  'src/planning/study/offers.ts': ['parseOffers'],
  'src/planning/study/purchase.ts': ['setsByCost'],
  'src/planning/study/growth-fit.ts': ['fitted'],
  'src/planning/study/scan.ts': ['growthAfter'],
  'src/policy/compile/admission.ts': ['promisesOn'],
  'src/policy/document/contracts.ts': ['COUNTS', 'SHARED_BY'],
  'src/policy/import/adopt.ts': ['match'],
  'src/policy/in-force/holding.ts': ['NOTHING_IN_FORCE'],
  'src/policy/in-force/register.ts': ['EMPTY_REGISTER'],
  'src/process/up.ts': ['startTogether'],
  'src/publish/profile.ts': ['profilesOf'],
  'src/publish/publication.ts': ['EDGES_A_CALL'],
  'src/record/alarm-table.ts': ['ALARM_CODES'],
  'src/record/delivery-queue.ts': ['PAUSES'],
  'src/runtime/certificates.ts': ['EXPIRY_WARNING'],
  'src/runtime/clock.ts': ['manualClock'],
  'src/runtime/config.ts': ['shippedFile'],
  'src/runtime/explain-settings.ts': ['settingsOutline'],
  'src/runtime/pool.ts': ['THREAD_ARGUMENTS'],
  'src/runtime/store-address.ts': ['placeName'],
  'src/solve/certificate.ts': ['certify'],
  'src/solve/explain.ts': ['limiterOf'],
  'src/solve/problem.ts': ['bytesOf'],
  'src/tick/board.ts': ['nameLimit'],
  'src/tick/pins.ts': ['noPins'],
  'src/wire/codec.ts': ['VERSION_1', 'VERSION_2', 'VERSION_3', 'VERSION_4', 'VERSION_5', 'createCodec'],
}
/** Imported by the path that the build gives it (src/bin/start.mjs, src/api/console.ts), or by who has the package. */
const STARTED = [
  'src/package.ts solve',
  'src/package.ts certify',
  'src/package.ts problemSchema',
  'src/cli.ts runProcess',
  'src/console/server.tsx answer',
  'src/console/server.tsx patterns',
]
/** The bodies of these are compiled to WebAssembly: what they export is what the module offers. */
const ASSEMBLY = 'src/solve/kernel/assembly/'

/** A value is exported because another file of the product uses it, or it is named above and a test does. */
export function exportBreaches(tree: Tree): Breach[] {
  const users = usersOf(tree)
  const breaches: Breach[] = []
  for (const [file, text] of tree) {
    if (!isProduct(file) || !isTypeScript(file) || file.startsWith(ASSEMBLY)) continue
    const source = parse(file, text)
    for (const statement of source.statements) {
      for (const name of valuesExportedBy(statement)) {
        const found = [...(users.get(`${file} ${name}`) ?? []), ...(users.get(`${file} *`) ?? [])]
        const line = source.getLineAndCharacterOfPosition(statement.getStart(source)).line + 1
        const isNamed = (FOR_TESTS[file] ?? []).includes(name)
        if (found.some(isProduct) || STARTED.includes(`${file} ${name}`) || (isNamed && found.length > 0)) continue
        const message = found.length > 0 ? 'only tests use it: name it among those' : 'nobody else uses it'
        breaches.push({ file, line, message: `${name} is exported, and ${message}` })
      }
    }
  }
  return breaches
}

/** Who imports what: by "file name", and by "file *" where all of it may be used. */
function usersOf(tree: Tree): Map<string, string[]> {
  const users = new Map<string, string[]>()
  for (const [file, text] of tree) {
    if (!isCode(file) || file.endsWith('.lua')) continue
    walk(file, text, (node) => {
      const specifier = specifierOf(node)
      if (specifier === undefined || !specifier.startsWith('.')) return
      const target = targetOf(file, specifier, tree)
      for (const name of namesTaken(node)) {
        const key = `${target} ${name}`
        users.set(key, [...(users.get(key) ?? []), file])
      }
    })
  }
  return users
}

/** Names that an import takes; `*` for all of them. */
function namesTaken(node: ts.Node): string[] {
  const named = (elements: readonly (ts.ImportSpecifier | ts.ExportSpecifier)[]): string[] =>
    elements.map(({ propertyName, name }) => (propertyName ?? name).text)
  if (ts.isImportDeclaration(node)) {
    const bindings = node.importClause?.namedBindings
    if (bindings === undefined) return []
    return ts.isNamedImports(bindings) ? named([...bindings.elements]) : ['*']
  }
  if (ts.isExportDeclaration(node)) {
    const clause = node.exportClause
    return clause !== undefined && ts.isNamedExports(clause) ? named([...clause.elements]) : ['*']
  }
  if (!ts.isCallExpression(node)) return ['*']
  // const { a } = await import('./a.js')
  const around = ts.isAwaitExpression(node.parent) ? node.parent.parent : node.parent
  if (!ts.isVariableDeclaration(around) || !ts.isObjectBindingPattern(around.name)) return ['*']
  return around.name.elements.map(({ propertyName, name }) => (propertyName ?? name).getText())
}

function valuesExportedBy(statement: ts.Statement): string[] {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : []
  const has = (kind: ts.SyntaxKind): boolean => modifiers.some((modifier) => modifier.kind === kind)
  if (!has(ts.SyntaxKind.ExportKeyword) || has(ts.SyntaxKind.DefaultKeyword)) return []
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []))
  const isValue = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)
  return isValue && statement.name !== undefined ? [statement.name.text] : []
}

// ---- what threads load

/** Each takes megabytes of every thread that loads it. */
const HEAVY = ['src/runtime/zod.ts', 'yaml', 'fastify']
const PARQUET = ['hyparquet', 'hyparquet-writer']
/** Threads that are there as long as the process is, with what they do not load. */
const LEAN: ReadonlyMap<string, readonly string[]> = new Map([
  // These are given what was checked.
  ...['src/process/tick-thread.ts', 'workers/solve.ts', 'workers/what-if.ts'].map((file) => [file, HEAVY] as const),
  // What threads do is loaded by them, and the main one has the ways to them alone.
  ['src/process/main.ts', PARQUET] as const,
])

export function loadBreaches(tree: Tree): Breach[] {
  const loading = importsOf(tree).filter(({ typeOnly }) => !typeOnly)
  return [...LEAN].flatMap(([thread, heavy]) => {
    const loaded = new Set([thread])
    // What is found on the way is walked as well.
    for (const file of loaded)
      for (const each of loading) if (each.file === file && each.inside) loaded.add(each.target)
    return loading
      .filter(({ file, target }) => loaded.has(file) && heavy.includes(target))
      .map(({ file, line, target }) => ({ file, line, message: `${thread} loads ${target} by way of this` }))
  })
}

// ---- circles

/** Where types may still lead in a circle: how the parts of a request, and of a solve, know each other. */
const TYPE_CIRCLES = ['src/api/', 'src/solve/']

/** No file needs itself in order to be loaded; nor to be read, but for what is named above. */
export function circleBreaches(tree: Tree): Breach[] {
  const loaded = new Map<string, Set<string>>()
  const read = new Map<string, Set<string>>()
  for (const { file, target, inside, typeOnly } of importsOf(tree)) {
    if (!inside || !/^(src|workers)\//.test(file)) continue
    for (const graph of typeOnly ? [read] : [read, loaded])
      graph.set(file, (graph.get(file) ?? new Set<string>()).add(target))
  }
  const told = (circle: readonly string[], how: string): Breach[] =>
    circle.map((file) => ({ file, line: 1, message: `${how} in a circle: ${circle.join(', ')}` }))
  const isNamed = (circle: readonly string[]): boolean =>
    TYPE_CIRCLES.some((folder) => circle.every((file) => file.startsWith(folder)))
  const values = circlesOf(loaded)
  const types = circlesOf(read).filter((circle) => !isNamed(circle) && !values.some(([file]) => circle.includes(file!)))
  return [
    ...values.flatMap((circle) => told(circle, 'imports lead')),
    ...types.flatMap((circle) => told(circle, 'types lead')),
  ]
}

/** Strongly connected components of more than one file (Tarjan, SIAM J. Comput. 1 (2), 1972). */
function circlesOf(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const open: string[] = []
  const circles: string[][] = []
  const visit = (file: string): void => {
    order.set(file, order.size)
    low.set(file, order.get(file)!)
    open.push(file)
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) visit(next)
      if (open.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!))
    }
    if (low.get(file) !== order.get(file)) return
    const circle = open.splice(open.indexOf(file))
    if (circle.length > 1) circles.push(circle.sort())
  }
  for (const file of graph.keys()) if (!order.has(file)) visit(file)
  return circles
}

// ---- functions

export const MAX_FUNCTION_LINES = 70
/** To be parted: longer than that when the rule came. */
const LONG_FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  'src/api/accounts/users.ts': ['userRoutes'],
  'src/api/alarms/webhooks.ts': ['webhookRoutes'],
  'src/api/audit/audit.ts': ['auditRoutes'],
  'src/api/edges/edge-accounts.ts': ['edgeAccountRoutes'],
  'src/api/edges/edge-pull.ts': ['pullRoutes'],
  'src/api/edges/edges.ts': ['edgeRoutes'],
  'src/api/network/network.ts': ['networkRoutes'],
  'src/cli.ts': ['addQuestions'],
  'src/edge/drivers/linux-htb/kernel.ts': ['createKernel'],
  'src/edge/subscriber.ts': ['createSubscriber'],
  'src/process/main.ts': ['startService'],
  'src/runtime/private-redis.ts': ['createPrivateServer'],
}

export function functionBreaches(tree: Tree): Breach[] {
  const breaches: Breach[] = []
  for (const [file, text] of tree) {
    if (!isProduct(file) || !isTypeScript(file)) continue
    const source = parse(file, text)
    walk(file, text, (node, lineOf) => {
      if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return
      const length = source.getLineAndCharacterOfPosition(node.getEnd()).line + 2 - lineOf()
      const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined)
      const name = named?.getText() ?? 'a function'
      if (length <= MAX_FUNCTION_LINES || LONG_FUNCTIONS[file]?.includes(name)) return
      breaches.push({ file, line: lineOf(), message: `${name}: ${length} lines, at most ${MAX_FUNCTION_LINES}` })
    })
  }
  return breaches
}

// ---- the machine's clock

/** Where parts are put together, or a command runs to its end. Everybody else is handed a clock. */
const COMPOSITION = /^src\/(process|cli|client|edge\/local)\/|^src\/(cli|edge\/main)\.ts$|^workers\//
/** Solves that are timed; sockets and processes, whose time no test may stop; a driver whose tests are the kernel's. */
const MACHINE_TIME = [
  'src/planning/allocate.ts',
  'src/planning/month/command.ts',
  'src/planning/simulate.ts',
  'src/planning/study/plan-command.ts',
  'src/runtime/clock.ts',
  'src/runtime/lifetime.ts',
  'src/runtime/redis.ts',
  'src/runtime/private-redis.ts',
  'src/edge/drivers/linux-htb/driver.ts',
]

export function clockBreaches(tree: Tree): Breach[] {
  const message = 'the machine’s clock; be handed one, so that a test can stop it'
  return [...tree].flatMap(([file, text]) => {
    const isFree = COMPOSITION.test(file) || MACHINE_TIME.includes(file)
    if (!isProduct(file) || !isTypeScript(file) || isFree) return []
    const breaches: Breach[] = []
    walk(file, text, (node, lineOf) => {
      if (ts.isImportDeclaration(node) && namesTaken(node).includes('systemClock'))
        breaches.push({ file, line: lineOf(), message })
    })
    return breaches
  })
}

// ---- codes of errors

const ERRORS = 'src/runtime/errors.ts'

/** The table of codes names each once, and none that nobody throws; the compiler refuses one that is not in it. */
export function codeBreaches(tree: Tree): Breach[] {
  const table = /const ERROR_CODES = \{([\s\S]*?)\n\}/.exec(tree.get(ERRORS) ?? '')?.[1] ?? ''
  const codes = [...table.matchAll(/\b[A-Z][A-Z_]+\b/g)].map(([code]) => code)
  const used = new Set<string>()
  for (const [file, text] of tree) {
    if (!isProduct(file) || !isTypeScript(file)) continue
    walk(file, text, (node) => {
      if (ts.isStringLiteralLike(node)) used.add(node.text)
    })
  }
  return codes.flatMap((code, n) => {
    const message = codes.indexOf(code) < n ? 'stands twice in the table' : 'nobody throws it'
    return codes.indexOf(code) < n || !used.has(code) ? [{ file: ERRORS, line: 1, message: `${code}: ${message}` }] : []
  })
}

// ---- the map

const MAP = 'src/README.md'
const ROW = /^\| `([\w/-]+)\/` \|[^|]*\| (?:`([^`]+)`)? ?\|/gm

/** The map shows every folder that holds sources, names none that is gone, and leads to files that are there. */
export function mapBreaches(tree: Tree): Breach[] {
  const text = tree.get(MAP) ?? ''
  const add = (message: string): Breach => ({ file: MAP, line: 1, message })
  const files = [...tree.keys()].filter((file) => file.startsWith('src/'))
  const rows = [...text.matchAll(ROW)].map(([, folder = '', first]) => ({ folder, first }))
  const shown = new Set(rows.map(({ folder }) => folder))
  const folders = new Set(files.filter(isCode).map((file) => posix.dirname(file).slice('src/'.length)))
  const isShown = (folder: string): boolean =>
    shown.has(folder) || text.includes(`\`${posix.basename(folder)}/\``) || isShownWhole(folder)
  // A resource of the API, or a driver's own folder, is told of with the folder around it.
  const isShownWhole = (folder: string): boolean => /^(api|edge\/drivers|solve\/kernel)\//.test(folder)
  const missing = [...folders].filter((folder) => folder !== '' && !isShown(folder))
  const gone = [...shown].filter((folder) => !files.some((file) => file.startsWith(`src/${folder}/`)))
  const astray = rows.flatMap(({ folder, first }) => {
    const file = posix.join('src', folder, first ?? '')
    return first === undefined || tree.has(file) ? [] : [file]
  })
  return [
    ...missing.map((folder) => add(`no word of ${folder}/`)),
    ...gone.map((folder) => add(`${folder}/ is gone`)),
    ...astray.map((file) => add(`${file} is gone`)),
  ]
}

// ---- reading

const read = new WeakMap<Tree, readonly Import[]>()

/** Every import of every TypeScript file and script, dynamic ones included, resolved to paths of the tree. */
export function importsOf(tree: Tree): readonly Import[] {
  const known = read.get(tree)
  if (known !== undefined) return known
  const imports: Import[] = []
  read.set(tree, imports)
  for (const [file, text] of tree) {
    if (!isCode(file) || file.endsWith('.lua')) continue
    walk(file, text, (node, lineOf) => {
      const specifier = specifierOf(node)
      if (specifier === undefined) return
      const inside = specifier.startsWith('.')
      const target = inside ? targetOf(file, specifier, tree) : specifier
      imports.push({ file, line: lineOf(), target, inside, typeOnly: isTypeOnly(node) })
    })
  }
  return imports
}

function targetOf(file: string, specifier: string, tree: Tree): string {
  const target = posix.normalize(posix.join(posix.dirname(file), specifier)).replace(/\.js$/, '.ts')
  return !tree.has(target) && tree.has(`${target}x`) ? `${target}x` : target
}

function specifierOf(node: ts.Node): string | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
    return ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : undefined
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments
    return argument !== undefined && ts.isStringLiteralLike(argument) ? argument.text : undefined
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return node.argument.literal.text
  }
  return undefined
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  if (!ts.isImportDeclaration(node)) return false
  const clause = node.importClause
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const names = clause.namedBindings
  if (clause.name !== undefined || names === undefined || !ts.isNamedImports(names)) return false
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly)
}

/** @param visit is told on demand where a node stands */
function walk(file: string, text: string, visit: (node: ts.Node, lineOf: () => number) => void): void {
  const source = parse(file, text)
  for (const node of nodesOf(source))
    visit(node, () => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1)
}

const listed = new WeakMap<ts.SourceFile, readonly ts.Node[]>()

/** Every node below, in order. */
function nodesOf(source: ts.SourceFile): readonly ts.Node[] {
  const known = listed.get(source)
  if (known !== undefined) return known
  const nodes: ts.Node[] = []
  const step = (node: ts.Node): void => {
    nodes.push(node)
    ts.forEachChild(node, step)
  }
  ts.forEachChild(source, step)
  listed.set(source, nodes)
  return nodes
}

const parsed = new Map<string, ts.SourceFile>()

function parse(file: string, text: string): ts.SourceFile {
  const old = parsed.get(file)
  if (old?.text === text) return old
  const kind = { mjs: ts.ScriptKind.JS, tsx: ts.ScriptKind.TSX }[file.split('.').at(-1) ?? ''] ?? ts.ScriptKind.TS
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true, kind)
  parsed.set(file, source)
  return source
}

const isTypeScript = (file: string): boolean => /\.tsx?$/.test(file)
const isCode = (file: string): boolean => /\.(tsx?|mjs|lua)$/.test(file)
const linesOf = (text: string): string[] => text.replace(/\n$/, '').split('\n')
