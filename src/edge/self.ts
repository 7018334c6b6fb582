// Which agent this is, among those that may speak as this edge, and where: a state folder is easily copied with a
// machine, and then two gateways have one account.
//
//   instance = 8 hex digits of the machine, 8 of the agent
//
// The machine is its machine-id and the addresses that its network cards were made with, up or down: not those of cards
// that are part of another or were given one, which come and go. The agent is whoever was started in this state folder
// since this machine booted. So an agent that is started again is the same, whatever was plugged in meanwhile; after a
// reboot it is another one of the same machine; a copy of the folder on another machine is another one of another. A
// copy of a running machine, memory and all, is the same: nobody could tell.

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { messageOf } from '../runtime/errors.js'
import { jsonOrNull } from '../runtime/json.js'
import type { Logger } from '../runtime/log.js'
import * as z from '../runtime/zod.js'
import { shortHash } from '../wire/bytes.js'

export interface Self {
  /** 16 hex digits. */
  readonly instance: string
  /** Host name and an address, for people. */
  readonly place: string
}

const PART = 8
const kept = z.object({
  ...{ format: z.literal(1), boot: z.string(), instance: z.string().regex(/^[0-9a-f]{16}$/) },
  /** Of the machine-id; earlier releases did not keep it. */
  id: z.string().optional(),
})

/** Who this is; kept in the state folder where that can be written. @param root where the machine's files begin */
export function selfOf(folder: string, edge: string, boot: string, log: Pick<Logger, 'warn'>, root = '/'): Self {
  const file = join(folder, `${edge}.instance`)
  const machineId = textOf(join(root, '/etc/machine-id')) ?? ''
  const id = shortHash(machineId)
  const known = kept.safeParse(jsonOrNull(textOf(file) ?? '')).data
  const place = placeOf()
  if (known?.boot === boot && (known.id ?? id) === id) return { instance: known.instance, place }
  const instance = machineOf(machineId, join(root, DEVICES)) + randomBytes(PART / 2).toString('hex')
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(`${file}.new`, `${JSON.stringify({ format: 1, boot, instance, id })}\n`, { mode: 0o600 })
    renameSync(`${file}.new`, file)
  } catch (error) {
    log.warn({ file, reason: messageOf(error) }, 'which agent this is cannot be kept: after a restart it is another')
  }
  return { instance, place }
}

const DEVICES = '/sys/class/net'

/** Of `addr_assign_type` (Linux, ABI/testing/sysfs-class-net): the address is the card's own. */
const PERMANENT = '0'

function machineOf(machineId: string, devices: string): string {
  const about = (card: string, what: string): string => textOf(join(devices, card, what))?.trim() ?? ''
  const cards = existsSync(devices) ? readdirSync(devices) : []
  const own = cards.filter(
    (card) =>
      existsSync(join(devices, card, 'device')) &&
      !existsSync(join(devices, card, 'master')) &&
      about(card, 'addr_assign_type') === PERMANENT,
  )
  return shortHash([machineId, ...own.sort().map((card) => about(card, 'address'))].join(' ')).slice(0, PART)
}

function placeOf(): string {
  const outward = Object.values(networkInterfaces()).flatMap((all = []) => all.filter(({ internal }) => !internal))
  const address = outward.find(({ family }) => family === 'IPv4') ?? outward[0]
  return [hostname(), address?.address].filter(Boolean).join(' ')
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
