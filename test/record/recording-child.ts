// Records one small slot after another until it is killed, and says on stdout which ones are on the disk: for the test
// that kills it at random instants.

import { readFileSync } from 'node:fs'
import { deserialize } from 'node:v8'
import { DAY, SLOT } from '../../src/model/units.js'
import { Archive, type Part } from '../../src/record/archive.js'

const [folder = '', template = '', first = ''] = process.argv.slice(2)
const archive = new Archive(folder)
// Written by the test beside.
const part = deserialize(readFileSync(template)) as Part
const rows = part.flows.flow.length
for (let slot = Number(first); ; slot += SLOT) {
  const times = new Array<number>(rows).fill(slot)
  const links = new Array<number>(part.links.link.length).fill(slot)
  const written = { ...part, slot, flows: { ...part.flows, slot: times }, links: { ...part.links, slot: links } }
  if (archive.write(written)) process.stdout.write(`${slot}\n`)
  // A day ends every third slot, so that merging is as often under way as writing is.
  if ((slot / SLOT) % 3 === 0) await archive.tidy(slot + DAY + SLOT, { days: 400, bytes: 1e9 })
}
