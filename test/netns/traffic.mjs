// A sender or receiver for the kernel tests, plain JavaScript so that it starts in a moment inside a namespace:
//
//   udp-send FLOWS               [{ to, port, from?, mbit?, count?, size? }], evenly paced or all at once, until there
//                                were so many or SIGTERM; prints packets sent
//   probe-send ADDRESS PORT SECONDS   a small packet each 5 ms with the time in it; prints packets sent
//   probe-sink PORT              until SIGTERM; prints how late one in a hundred came, us
//   tcp-send ADDRESS PORT        as fast as it goes until SIGTERM; SIGUSR2 sends it to sleep, or wakes it
//   tcp-sink PORT                on every address until SIGTERM
//
// A sink says `ready` when it listens. Rates and sizes are of layer 2: payload plus UDP, IP and Ethernet headers.

import { createSocket } from 'node:dgram'
import { connect, createServer } from 'node:net'

const FRAME = 1514
const EVERYWHERE = '::'

const [mode, ...args] = process.argv.slice(2)
const modes = {
  ...{ 'udp-send': udpSend, 'probe-send': probeSend, 'probe-sink': probeSink },
  ...{ 'tcp-send': tcpSend, 'tcp-sink': tcpSink },
}
modes[mode](...args)

function end(count) {
  process.stdout.write(`${count}\n`, () => process.exit(0))
}

function ready() {
  process.stdout.write('ready\n')
}

function udpSend(text) {
  const flows = JSON.parse(text)
  let [total, open, stopped] = [0, flows.length, false]
  process.once('SIGTERM', () => {
    stopped = true
  })
  for (const { to, port, from, mbit, count = Number.POSITIVE_INFINITY, size = FRAME } of flows) {
    const v6 = to.includes(':')
    const socket = createSocket({ type: v6 ? 'udp6' : 'udp4', sendBufferSize: 4 << 20 })
    const payload = Buffer.alloc(size - 14 - 8 - (v6 ? 40 : 20))
    let [sent, left] = [0, 0]
    socket.on('error', () => {})
    socket.bind(0, from, () => {
      socket.connect(port, to, () => {
        const start = performance.now()
        function pump() {
          const paced = ((performance.now() - start) * mbit * 1e3) / 8 / size
          const due = stopped ? sent : Math.min(count, mbit === undefined ? count : Math.floor(paced))
          for (; sent < due && left < 4096; sent++, left++) socket.send(payload, () => left--)
          if (left > 0 || (sent < count && !stopped)) return setTimeout(pump, 1)
          total += sent
          socket.close(() => --open === 0 && end(total))
        }
        pump()
      })
    })
  }
}

/** Processes of one machine read one monotonic clock, whatever their namespace. */
function probeSend(to, port, seconds) {
  const socket = createSocket('udp4')
  const total = Math.round(Number(seconds) * 200)
  let sent = 0
  socket.connect(Number(port), to, () => {
    const timer = setInterval(() => {
      const payload = Buffer.alloc(100)
      payload.writeBigInt64LE(process.hrtime.bigint())
      socket.send(payload)
      if (++sent < total) return
      clearInterval(timer)
      socket.close(() => end(sent))
    }, 5)
  })
}

function probeSink(port) {
  const late = []
  const socket = createSocket('udp6')
  socket.on('message', (payload) => late.push(Number(process.hrtime.bigint() - payload.readBigInt64LE()) / 1e3))
  socket.bind(Number(port), EVERYWHERE, ready)
  process.once('SIGTERM', () => end(late.sort((a, b) => a - b)[Math.floor(late.length * 0.99)] ?? Number.NaN))
}

function tcpSend(to, port) {
  const chunk = Buffer.alloc(64 * 1024)
  let awake = true
  function pump() {
    while (awake && socket.write(chunk));
    if (awake) socket.once('drain', pump)
  }
  const socket = connect(Number(port), to, pump)
  socket.on('error', () => {})
  process.on('SIGUSR2', () => {
    awake = !awake
    pump()
  })
}

function tcpSink(port) {
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  server.listen(Number(port), EVERYWHERE, ready)
}
