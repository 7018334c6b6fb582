// `npm run model:all [DEPTH]`: every order of so many events in a small world, with what it saw and how long it took;
// with `--planted` a mistake of the past, made again, which it must find.

import { GROWS_TOO_SOON, search } from './search.js'

const depth = Number(process.argv.find((argument) => /^\d+$/.test(argument)) ?? 7)
const isPlanted = process.argv.includes('--planted')
const began = performance.now()
const { states, depth: reached, breach } = search(depth, isPlanted ? GROWS_TOO_SOON : {})
if (breach) console.log([...breach.story, breach.what].join('\n  '))
const seconds = ((performance.now() - began) / 1_000).toFixed(1)
console.log(`${states} states, depth ${reached}, ${breach ? 'a breach' : 'no breach'}, ${seconds} s`)
process.exitCode = (breach !== null) === isPlanted ? 0 : 1
