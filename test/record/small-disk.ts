// A disk so small that a test can fill it: an ext4 image on a loop device, or where there are none, a tmpfs.

import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const BYTES = 4 * 1_024 * 1_024

const run = (command: string, ...args: string[]): string | null => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  return status === 0 ? null : (error?.message ?? stderr.trim())
}

export interface SmallDisk {
  readonly folder: string
  /** Takes all the room that is left. */
  fill(): void
  makeRoom(): void
  unmount(): void
}

/** @returns the disk, or why none can be mounted here. */
export function mountSmallDisk(parent: string): SmallDisk | string {
  const folder = join(parent, 'disk')
  mkdirSync(folder)
  const image = join(parent, 'image')
  closeSync(openSync(image, 'w'))
  truncateSync(image, BYTES)
  const loop = run('mkfs.ext4', '-q', '-F', image) ?? run('mount', '-o', 'loop', image, folder)
  const refused = loop && run('mount', '-t', 'tmpfs', '-o', `size=${BYTES}`, 'mizani-test', folder)
  if (refused !== null) return `no small disk can be mounted here (${refused})`
  const filler = join(folder, 'filler')
  return {
    folder,
    fill() {
      const handle = openSync(filler, 'w')
      try {
        // Pieces that become smaller, to the last byte.
        for (let size = 65_536; size >= 1; size >>= 1) while (fits(handle, size));
      } finally {
        closeSync(handle)
      }
    },
    makeRoom: () => rmSync(filler),
    unmount: () => void run('umount', '-l', folder),
  }
}

function fits(handle: number, size: number): boolean {
  try {
    return writeSync(handle, Buffer.alloc(size)) > 0
  } catch {
    return false
  }
}
