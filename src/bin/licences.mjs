// `npm run licences`: what is shipped with the product, package by package, with the licence of each; and what only
// builds and tests need, in sum. Exit code 1 where one is none of those that the product may be shipped with.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './setup.mjs'

/** They ask for no more than to be named. */
const ALLOWED = ['MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', '0BSD']

const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
const all = Object.entries(packages).filter(([path]) => path !== '')
const isShipped = ([, { dev, devOptional }]) => !dev && !devOptional
const named = all.filter(isShipped).map(([path, { version, license = 'none named' }]) => {
  return { name: path.replace(/^.*node_modules\//, ''), version, license }
})
for (const { name, version, license } of named) console.log(`${license.padEnd(14)} ${name} ${version}`)
const strange = named.filter(({ license }) => !ALLOWED.includes(license))
for (const { name, license } of strange) console.error(`${name}: ${license} is none of ${ALLOWED.join(', ')}`)
console.log(`${named.length} packages are shipped, ${all.length - named.length} more build and test`)
process.exitCode = strange.length > 0 ? 1 : 0
