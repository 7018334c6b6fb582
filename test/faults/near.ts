// Loaded into a process before it begins: 10.9.8.7, an address that webhooks may go to, is this machine. (Mizani calls
// nobody on its own loopback.)

import { Socket } from 'node:net'

export const NEAR = '10.9.8.7'

const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket
Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
  const [options] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args
  if (typeof options === 'object' && options !== null && 'host' in options && options.host === NEAR)
    Object.assign(options, { host: '127.0.0.1' })
  return connect.apply(this, args)
} as typeof Socket.prototype.connect
