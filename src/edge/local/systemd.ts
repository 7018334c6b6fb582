// What systemd is told of the agent (sd_notify(3)): that it is ready, that it still lives, that it ends. Node has no
// datagram sockets in the file system, so systemd's own `systemd-notify` carries the words; the unit says
// NotifyAccess=all for it. Without NOTIFY_SOCKET nobody listens and nothing is said.

import type { Clock, Timer } from '../../runtime/clock.js'
import type { Logger } from '../../runtime/log.js'
import { type Exec, exec as systemExec } from '../drivers/linux-htb/exec.js'

export interface Supervisor {
  /** It does its work from now on, and says so until it stops. */
  ready(): Promise<void>
  stopping(): Promise<void>
}

export function createSupervisor(
  env: Readonly<Record<string, string | undefined>>,
  { clock, log, exec = systemExec }: { readonly clock: Clock; readonly log: Logger; readonly exec?: Exec },
): Supervisor {
  const listens = env.NOTIFY_SOCKET !== undefined && env.NOTIFY_SOCKET !== ''
  // Thrice within the time systemd waits: one that is late does not end the agent.
  const interval = Number(env.WATCHDOG_USEC ?? 0) / 1_000 / 3
  let timer: Timer | null = null

  async function say(...words: readonly string[]): Promise<void> {
    if (!listens) return
    const { code, stderr } = await exec('systemd-notify', words)
    if (code !== 0) log.warn({ reason: stderr.trim() }, 'systemd was not told')
  }

  function liveOn(): void {
    timer = clock.setTimer(interval, () => {
      void say('WATCHDOG=1')
      liveOn()
    })
  }

  return {
    async ready() {
      await say('--ready', '--status=enforcing by its own memory until the controller is heard')
      if (listens && interval > 0) liveOn()
    },
    async stopping() {
      timer?.cancel()
      await say('--stopping')
    },
  }
}
