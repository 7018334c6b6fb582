// A process in a world with one clock: it can be stopped and go on later, as by SIGSTOP, or be killed. Whatever it
// waits for, a timer or an answer, reaches it through `enter`, and reaches it late or never.

import type { Milliseconds } from '../../../src/model/units.js'
import type { Clock, ManualClock, Timer } from '../../../src/runtime/clock.js'

export class Process {
  readonly clock: Clock
  readonly #world: ManualClock
  #alive = true
  #stoppedUntil: Milliseconds = 0

  constructor(world: ManualClock) {
    this.#world = world
    this.clock = {
      monotonic: () => world.monotonic(),
      wall: () => world.wall(),
      setTimer: (delay, run) => this.#timer(delay, run),
      sleep: (delay) => this.after(delay),
    }
  }

  get alive(): boolean {
    return this.#alive
  }

  get runs(): boolean {
    return this.#alive && this.#world.monotonic() >= this.#stoppedUntil
  }

  kill(): void {
    this.#alive = false
  }

  stopFor(time: Milliseconds): void {
    this.#stoppedUntil = this.#world.monotonic() + time
  }

  /** Runs this now, when the process goes on, or never. */
  enter(run: () => void): void {
    if (!this.#alive) return
    if (this.runs) run()
    else this.#world.setTimer(this.#stoppedUntil - this.#world.monotonic(), () => this.enter(run))
  }

  /** Resolves in the process after this time. */
  after(delay: Milliseconds): Promise<void> {
    return new Promise((resolve) => this.#world.setTimer(delay, () => this.enter(resolve)))
  }

  #timer(delay: Milliseconds, run: () => void): Timer {
    let cancelled = false
    const fire = (): void => {
      if (!cancelled) run()
    }
    const timer = this.#world.setTimer(delay, () => this.enter(fire))
    return {
      cancel: () => {
        cancelled = true
        timer.cancel()
      },
    }
  }
}
