// In a namespace: listens for accounting, sends a request from the port named (of which the namespace makes 0), then
// the same from another, and says when that one is answered.

import { createHash } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { listenForAccounting } from '../../src/edge/drivers/radius-accounting.js'
import { systemClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'

const [HOST, PORT] = ['127.0.0.1', 1813]
const SECRET = 'ten characters and more'

/** An Accounting-Request (RFC 2866) that says that a session has begun. */
function request(): Buffer {
  const packet = Buffer.from([4, 1, 0, 26, ...Buffer.alloc(16), 40, 6, 0, 0, 0, 1])
  createHash('md5').update(packet).update(SECRET).digest().copy(packet, 4)
  return packet
}

async function senderAt(port: number): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(port, HOST)
  await once(socket, 'listening')
  return socket
}

const log = createLogger('test', 'error')
const accounting = listenForAccounting({ host: HOST, port: PORT, secret: SECRET, clock: systemClock, log }, () => {})
const nowhere = await senderAt(Number(process.argv[2]))
const other = await senderAt(0)
const packet = request()
nowhere.send(packet, PORT, HOST)
const again = setInterval(() => other.send(packet, PORT, HOST), 100)
await once(other, 'message')
clearInterval(again)
console.log('answered')
nowhere.close()
other.close()
await accounting.close()
