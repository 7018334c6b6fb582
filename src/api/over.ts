// When an answer is over: it was sent, or nobody is there any more to take it. One that waits behind another on the
// same connection (pipelined) is never told that this is gone: it is over with the connection.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const waiting = new WeakMap<Socket, Set<() => void>>()

/** Calls `over` once, at once where it is over already. */
export function whenOver(answer: ServerResponse, over: () => void): void {
  const { socket } = answer.req
  const others = waiting.get(socket) ?? new Set()
  let isOver = false
  const end = (): void => {
    others.delete(end)
    if (isOver) return
    isOver = true
    over()
  }
  if (!waiting.has(socket)) {
    waiting.set(socket, others)
    socket.once('close', () => {
      for (const each of others) each()
    })
  }
  others.add(end)
  answer.once('close', end)
  if (socket.destroyed || answer.destroyed) end()
}
