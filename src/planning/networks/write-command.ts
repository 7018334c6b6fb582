// `mizani network write`: a plane as a network that other tools read, in SNDlib's native format.

import { writeFileSync } from 'node:fs'
import { loadPlane } from '../../policy/files/files.js'
import { invalid, messageOf, usageError } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { readOffers } from '../study/offers.js'
import { networkOf } from './network-of.js'
import { sndlibText } from './sndlib-text.js'

export interface NetworkWriteArgs {
  readonly plane: string
  readonly offers?: string
  /** Absent: it is printed. */
  readonly out?: string
}

export async function runNetworkWrite({ plane, offers, out }: NetworkWriteArgs, io: Io): Promise<void> {
  const { document, faults } = loadPlane(plane)
  if (document === null) throw invalid('PLANE_INVALID', `${plane} is not a usable plane`, faults)
  const { network, notes } = networkOf(document, offers === undefined ? [] : readOffers(offers, document))
  const text = sndlibText(network)
  putOut(text, out, io)
  const { nodes, links, demands } = network
  const into = out === undefined ? '' : `, written to ${out}`
  io.stderr.write(`${nodes.length} nodes, ${links.length} links, ${demands.length} demands${into}.\n`)
  for (const note of notes) io.stderr.write(`Left out: ${note}.\n`)
}

/** @throws MizaniError USAGE where a file is there */
export function putOut(text: string, out: string | undefined, { stdout }: Pick<Io, 'stdout'>): void {
  if (out === undefined) {
    stdout.write(text)
    return
  }
  try {
    writeFileSync(out, text, { flag: 'wx' })
  } catch (error) {
    throw usageError(`--out ${out}: ${messageOf(error)}`, 'Name a file that does not exist yet.')
  }
}
