// A sender or receiver for the kernel tests, plain JavaScript so that it starts in a moment inside a namespace:
//
//   udp-send ADDRESS PORT MBIT SECONDS [FROM]    full frames, evenly paced; prints packets sent
//   udp-sink PORT[,PORT ...]                     on every address until SIGTERM; prints packets received
//   probe-send ADDRESS PORT SECONDS             a small packet each 5 ms with the time in it; prints packets sent
//   probe-sink PORT                              until SIGTERM; prints how late one in a hundred came, us
//   tcp-send ADDRESS PORT SECONDS                as fast as it goes; SIGUSR2 sends it to sleep, or wakes it
//   tcp-sink PORT                                on every address until SIGTERM; prints bytes received
//
// Rates are layer-2 bits: payload plus UDP, IP and Ethernet headers.

import { createSocket } from 'node:dgram'
import { connect, createServer } from 'node:net'

const FRAME = 1514
const EVERYWHERE = '::'

const [mode, ...args] = process.argv.slice(2)
const modes = {
  ...{ 'udp-send': udpSend, 'udp-sink': udpSink, 'tcp-send': tcpSend, 'tcp-sink': tcpSink },
  ...{ 'probe-send': probeSend, 'probe-sink': probeSink },
}
modes[mode](...args)

function end(count) {
  process.stdout.write(`${count}\n`, () => process.exit(0))
}

function udpSend(to, port, mbit, seconds, from) {
  const v6 = to.includes(':')
  const socket = createSocket({ type: v6 ? 'udp6' : 'udp4', sendBufferSize: 4 << 20 })
  const payload = Buffer.alloc(FRAME - 14 - 8 - (v6 ? 40 : 20))
  const perMs = (Number(mbit) * 1e6) / 8 / FRAME / 1000
  const total = Math.round(perMs * 1000 * Number(seconds))
  let sent = 0
  let left = 0
  socket.on('error', () => {})
  socket.bind(0, from, () => {
    socket.connect(Number(port), to, () => {
      const start = performance.now()
      function pump() {
        const due = Math.min(total, Math.floor((performance.now() - start) * perMs))
        // What a full send buffer refuses is not sent later: the sender keeps its pace.
        for (; sent < due && left < 4096; sent++, left++) socket.send(payload, () => left--)
        if (sent < due && performance.now() - start > Number(seconds) * 1000 + 500) return socket.close(() => end(sent))
        if (sent >= total && left === 0) return socket.close(() => end(sent))
        setTimeout(pump, 1)
      }
      pump()
    })
  })
}

function udpSink(ports) {
  let received = 0
  for (const port of ports.split(',')) {
    const socket = createSocket({ type: 'udp6', recvBufferSize: 8 << 20 })
    socket.on('message', () => received++)
    socket.bind(Number(port), EVERYWHERE)
  }
  process.once('SIGTERM', () => end(received))
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
  socket.bind(Number(port), EVERYWHERE)
  process.once('SIGTERM', () => end(late.sort((a, b) => a - b)[Math.floor(late.length * 0.99)] ?? Number.NaN))
}

function tcpSend(to, port, seconds) {
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
  setTimeout(() => {
    socket.destroy()
    end(0)
  }, Number(seconds) * 1000)
}

function tcpSink(port) {
  let received = 0
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      received += chunk.length
    })
  })
  server.listen(Number(port), EVERYWHERE)
  process.once('SIGTERM', () => end(received))
}
