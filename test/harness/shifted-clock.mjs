// Loaded before a program: its wall clock is so far ahead, and so are those of its threads and of what it starts.
// Timers, stores and certificates keep the machine's.

const ahead = Number(process.env.TESTS_AHEAD_MS ?? 0)
const { Date: Real } = globalThis

globalThis.Date = class Shifted extends Real {
  constructor(...given) {
    if (given.length > 0) super(...given)
    else super(Real.now() + ahead)
  }

  static now() {
    return Real.now() + ahead
  }
}
