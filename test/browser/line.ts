// The line between a browser and its server, which can be cut as a line is: nothing is closed, nothing comes through.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface CutLine {
  readonly url: string
  cut(): void
  mend(): void
  close(): Promise<void>
}

export async function openLine(server: string): Promise<CutLine> {
  const { hostname, port } = new URL(server)
  const sockets = new Set<Socket>()
  let isCut = false
  const line = createServer((near) => {
    if (isCut) return void near.destroy()
    const far = connect(Number(port), hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (piece) => isCut || to.write(piece))
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(line, 'listening')
  const { port: own } = line.address() as { port: number }
  return {
    url: `http://127.0.0.1:${own}`,
    cut() {
      isCut = true
    },
    mend() {
      isCut = false
      // What hung on it is gone, as after a while on a real line.
      for (const socket of sockets) socket.destroy()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      line.close()
    },
  }
}
