// Loaded into a process before it begins, to inject faults from outside: SIGUSR2 moves its wall clock (an hour on, an
// hour back, a second on, and so forth) or, loaded as `fault-injection.js?block`, keeps its event loop busy for ten
// seconds.

const JUMPS = [3_600_000, -3_600_000, 1_000]
const BUSY = 10_000

const now = Date.now.bind(Date)
let shift = 0
let jumps = 0

process.on('SIGUSR2', () => {
  if (import.meta.url.endsWith('?block')) {
    const end = now() + BUSY
    while (now() < end);
    return
  }
  shift += JUMPS[jumps++ % JUMPS.length]!
})
Date.now = () => now() + shift
