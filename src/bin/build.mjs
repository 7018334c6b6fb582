// Compiles src/ and workers/ into dist/ and copies what the compiler leaves alone. dist/ with node_modules and
// config/ runs on its own. The build happens beside dist/ and takes its place when it is complete, so a failed build
// changes nothing; a stamp over the content of all inputs tells whether dist/ is still what they say.

import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT, runToEnd, SetupError, script } from './setup.mjs'

const DIST = join(ROOT, 'dist')
const STAMP = 'inputs.sha256'
const INPUTS = ['src', 'workers', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json']
/** Everything but TypeScript; src/bin and workers/boot.mjs are for checkouts only. */
const ASSETS = new Set(['.lua', '.mjs', '.html', '.css', '.svg', '.json'])
const SOURCE_ONLY = [join('src', 'bin'), join('workers', 'boot.mjs')]

/** Whether dist/ is what the sources say. */
export function isBuilt() {
  const stamp = join(DIST, STAMP)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOf(inputFiles())
}

export function build() {
  const files = inputFiles()
  const stamp = stampOf(files)
  const fresh = join(ROOT, `.dist-${process.pid}`)
  for (const name of readdirSync(ROOT))
    if (isLeftBehind(name)) rmSync(join(ROOT, name), { recursive: true, force: true })
  try {
    mkdirSync(fresh)
  } catch (error) {
    throw new SetupError(
      `dist/ is missing or stale and cannot be built: ${error.message}. As the folder's owner, run:\n  npm run build`,
    )
  }
  try {
    compile(fresh)
    for (const file of files.filter(isAsset)) {
      mkdirSync(dirname(join(fresh, file)), { recursive: true })
      cpSync(join(ROOT, file), join(fresh, file))
    }
    writeFileSync(join(fresh, STAMP), stamp)
    rmSync(DIST, { recursive: true, force: true })
    renameSync(fresh, DIST)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** What a build has left that was ended in its midst. */
function isLeftBehind(name) {
  const pid = /^\.dist-(\d+)$/.exec(name)?.[1]
  return pid !== undefined && !existsSync(`/proc/${pid}`)
}

function compile(outDir) {
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc')
  const args = ['-p', 'tsconfig.build.json', '--outDir', outDir]
  const status = runToEnd(tsc, args)
  if (status !== 0) throw new SetupError(`The build failed (tsc ended with ${status}); dist/ is unchanged.`)
}

function isAsset(file) {
  return (
    ASSETS.has(extname(file)) && /^(src|workers)\//.test(file) && !SOURCE_ONLY.some((part) => file.startsWith(part))
  )
}

/** Paths relative to the project, sorted. */
function inputFiles() {
  return INPUTS.flatMap((input) => (extname(input) === '' ? filesBelow(join(ROOT, input)) : [join(ROOT, input)]))
    .map((file) => relative(ROOT, file))
    .sort()
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
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

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) await script(build)
