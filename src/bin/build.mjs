// Two things are made of the sources. dist/ is what is shipped: src/ and workers/ through the compiler that checks
// types; with node_modules and config/ it runs on its own. .compiled/ is what tests, benches and tools of a checkout
// run: all that is TypeScript, its types only taken away, in a second and a half, so that every process and thread
// they start is plain JavaScript. In each lies the program of a gateway, one file that needs nothing but Node, packed
// as a controller hands it out, and the console, bundled: what browsers load, named by its hash, and what the server
// makes pages with. Both folders are made beside their place and take it when they are complete, so a
// failed build changes nothing; a stamp over the content of all inputs tells whether a folder is still what they say.
//
//   node src/bin/build.mjs

import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { isAlive } from '../runtime/process-start.mjs'
import { ROOT, runToEnd, SetupError, script } from './setup.mjs'

const STAMP = 'inputs.sha256'

/** Everything but TypeScript; src/bin runs as it is. */
const ASSETS = new Set(['.lua', '.mjs', '.html', '.css', '.svg', '.json', '.c'])
const BIN = join('src', 'bin')
/** The console is bundled by one program, whoever compiles the rest. */
const CONSOLE = join('src', 'console')
/** What becomes WebAssembly, and stands in the sources as such. */
const KERNEL = join('src', 'solve', 'kernel', 'assembly')

/** What our own schemas and the server's borders need of zod, in files without what nobody asks for. */
const SCHEMAS = [join('src', 'runtime', 'zod'), join('src', 'api', 'type-provider')]

/** Packages of the older kind ask for Node's own modules by `require`. */
const REQUIRE = `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`

/** Of the program of a gateway: where it begins, what it writes out as it is, and its name in a tree. */
const EDGE = {
  entry: join('src', 'cli', 'edge-package.ts'),
  shipped: ['config/systemd/mizani-edge.service'],
  name: 'mizani-edge.mjs.gz',
}

/** What is shipped. */
export const DIST = {
  folder: 'dist',
  command: 'npm run build',
  sources: ['src', 'workers', 'config/systemd'],
  settings: ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
  program: 'tsc',
  flags: (out) => ['-p', 'tsconfig.build.json', '--outDir', out],
}

/** What a checkout runs. */
export const COMPILED = {
  folder: '.compiled',
  command: 'npm test',
  sources: ['src', 'workers', 'bench', 'test', 'config/systemd'],
  settings: ['tsconfig.json', 'package-lock.json'],
  program: 'esbuild',
  flags: (out, files) => [
    ...files.filter((file) => file.endsWith('.ts') && !file.startsWith(KERNEL)),
    ...[`--outdir=${out}`, '--outbase=.', '--format=esm', '--platform=node', '--target=node20', '--sourcemap'],
    '--log-level=warning',
  ],
}

/** Whether the tree is what the sources say. */
export function isBuilt(tree) {
  const stamp = join(ROOT, tree.folder, STAMP)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOf(inputFiles(tree))
}

export function build(tree) {
  const files = inputFiles(tree)
  const stamp = stampOf(files)
  const fresh = join(ROOT, `.${tree.folder.replace('.', '')}-${process.pid}`)
  for (const name of readdirSync(ROOT))
    if (isLeftBehind(name)) rmSync(join(ROOT, name), { recursive: true, force: true })
  try {
    mkdirSync(fresh)
  } catch (error) {
    throw new SetupError(
      `${tree.folder}/ is missing or stale and cannot be built: ${error.message}. ` +
        `As the folder's owner, run:\n  ${tree.command}`,
    )
  }
  try {
    compile(tree, fresh, files)
    if (files.includes(EDGE.entry)) packEdge(tree, fresh)
    bundleConsole(tree, fresh)
    bundleSchemas(tree, fresh, files)
    if (tree === COMPILED) bundleTap(fresh)
    for (const file of files.filter(isAsset)) {
      mkdirSync(dirname(join(fresh, file)), { recursive: true })
      cpSync(join(ROOT, file), join(fresh, file))
    }
    writeFileSync(join(fresh, STAMP), stamp)
    rmSync(join(ROOT, tree.folder), { recursive: true, force: true })
    renameSync(fresh, join(ROOT, tree.folder))
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** What a build has left that was ended in its midst. */
function isLeftBehind(name) {
  const pid = /^\.(?:dist|compiled)-(\d+)$/.exec(name)?.[1]
  return pid !== undefined && !isAlive(pid)
}

function compile(tree, out, files) {
  run(tree, tree.program, tree.flags(out, files))
}

/** Pages for browsers (Chromium and Firefox of 2022, Safari 16), and the same pages as the server renders them. */
function bundleConsole(tree, out) {
  const common = ['--bundle', '--format=esm', '--jsx=automatic', '--jsx-import-source=preact', '--log-level=warning']
  run(tree, 'esbuild', [
    ...[join(CONSOLE, 'main.tsx'), join(CONSOLE, 'console.css')],
    ...[...common, '--minify', '--splitting', '--target=es2022', `--outdir=${join(out, CONSOLE, 'assets')}`],
    ...['--entry-names=[name]-[hash]', '--chunk-names=[name]-[hash]', `--inject:${join(CONSOLE, 'everywhere.ts')}`],
  ])
  run(tree, 'esbuild', [
    ...[join(CONSOLE, 'server.tsx'), ...common, '--platform=node', '--target=node20', '--packages=external'],
    ...['--minify-whitespace', '--sourcemap', `--outfile=${join(out, CONSOLE, 'server.js')}`],
  ])
}

/** In place of files that ask for the whole of it: they share one part, so there is one zod. */
function bundleSchemas(tree, out, files) {
  const schemas = SCHEMAS.filter((file) => files.includes(`${file}.ts`))
  if (schemas.length === 0) return
  run(tree, 'esbuild', [
    ...schemas.map((file) => `${file}.ts`),
    ...['--bundle', '--splitting', '--format=esm', '--platform=node', '--target=node20', '--minify-whitespace'],
    ...['--outbase=.', `--outdir=${out}`, '--chunk-names=src/runtime/[name]-[hash]', `--banner:js=${REQUIRE}`],
    ...['--allow-overwrite', '--log-level=warning'],
  ])
  // Of the files they take the place of.
  for (const file of schemas) rmSync(join(out, `${file}.js.map`), { force: true })
}

/** Where tests find tap: as one file, below the name that it leaves out of what it tells of errors. */
function bundleTap(out) {
  const flags = ['--bundle', '--format=esm', '--platform=node', '--target=node20', '--log-level=warning']
  const folder = join(out, 'node_modules')
  run(COMPILED, 'esbuild', [
    join('test', 'harness', 'tap.mjs'),
    `--outfile=${join(folder, '@tapjs', 'tap.mjs')}`,
    `--banner:js=${REQUIRE}`,
    ...flags,
  ])
  mkdirSync(join(folder, 'tap'), { recursive: true })
  writeFileSync(join(folder, 'tap', 'package.json'), '{ "main": "../@tapjs/tap.mjs" }')
}

function run({ folder }, program, flags) {
  const status = runToEnd(join(ROOT, 'node_modules', '.bin', program), flags)
  if (status !== 0) throw new SetupError(`The build failed (${program} ended with ${status}); ${folder}/ is unchanged.`)
}

/** The same bytes from the same sources, wherever they lie: a line names them by their hash. */
function packEdge({ folder }, out) {
  const file = join(out, EDGE.name.replace('.gz', ''))
  const shipped = EDGE.shipped.map((name) => [name, readFileSync(join(ROOT, name), 'utf8')])
  const flags = [
    ...[EDGE.entry, `--outfile=${file}`, '--bundle', '--format=esm', '--platform=node', '--target=node20'],
    ...[
      `--define:MIZANI_SHIPPED=${JSON.stringify(Object.fromEntries(shipped))}`,
      `--banner:js=#!/usr/bin/env node\n${REQUIRE}`,
    ],
    '--log-level=warning',
  ]
  compile({ folder, program: 'esbuild', flags: () => flags }, out)
  writeFileSync(join(out, EDGE.name), gzipSync(readFileSync(file), { level: 9 }))
  rmSync(file)
}

function isAsset(file) {
  return ASSETS.has(extname(file)) && dirname(file) !== '.' && ![BIN, CONSOLE].some((folder) => file.startsWith(folder))
}

/** Paths relative to the project, sorted. */
function inputFiles({ sources, settings }) {
  const files = sources.filter((folder) => existsSync(join(ROOT, folder))).flatMap((folder) => filesBelow(folder))
  return [...files, ...settings].sort()
}

function filesBelow(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
}

function stampOf(files) {
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update('\0')
  return hash.digest('hex')
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) await script(() => build(DIST))
