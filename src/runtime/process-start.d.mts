/** When the kernel started a process, in its own ticks since boot (proc(5) stat, field 22); '' if it has ended. */
export function startOf(pid: number | string): string

/** Whether a process runs. False for a zombie. */
export function isAlive(pid: number | string): boolean
