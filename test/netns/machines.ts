// Machines for `npm run bare`, as namespaces and folders: what they are made with, and what stands in for systemd.

import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** @throws Error with what it said. */
export function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1e8 })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`)
  return stdout
}

export const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

/** In a namespace of this process alone. */
export function openNetwork(): void {
  run('ip', 'link', 'set', 'lo', 'up')
  run('mkdir', '-p', '/run/netns')
  run('mount', '-t', 'tmpfs', 'tmpfs', '/run/netns')
}

/**
 * A script that reads a unit and starts what it says: as its user, with its capability, environment and folders.
 * Whether systemd itself takes every line of the units is asked by test/served/production.test.ts.
 */
export function standInForSystemd(root: string): void {
  mkdirSync(join(root, 'run/systemd/system'), { recursive: true })
  const file = join(root, 'usr/bin/systemctl')
  rmSync(file, { force: true })
  writeFileSync(file, SYSTEMCTL, { mode: 0o755 })
}

const SYSTEMCTL = `#!/bin/bash
start() {
  local unit=/etc/systemd/system/$1.service env=() rights=-all user right
  said() { sed -n "s/^$1=//p" "$unit"; }
  [ -e "$unit" ] || { echo "no unit $1" >&2; exit 1; }
  user=$(said User)
  right=$(said AmbientCapabilities | tr A-Z a-z)
  [ -z "$right" ] || rights=-all,+\${right#cap_}
  for folder in $(said StateDirectory); do install -d -o "$user" -g "$user" -m 700 "/var/lib/$folder"; done
  while read -r line; do bash -c "$line" || true; done < <(said ExecStartPre | sed 's/^[-+@!:]*//')
  while read -r line; do eval "env+=($line)"; done < <(said Environment)
  for file in $(said EnvironmentFile); do
    file=\${file#-}
    [ -e "$file" ] || continue
    while read -r line; do env+=("$line"); done < "$file"
  done
  cd "$(said WorkingDirectory)" || cd /
  # Restart=always, as all of ours say.
  setsid bash -c 'while :; do "$@"; sleep 1; done' "$1" setpriv --reuid "$user" --regid "$user" --init-groups \\
    --no-new-privs --bounding-set "$rights" --inh-caps "$rights" --ambient-caps "$rights" \\
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "\${env[@]}" $(said ExecStart) </dev/null >>"/run/$1.log" 2>&1 &
  echo $! > "/run/$1.pid"
}
verb=$1 now=
shift
for word; do
  name=\${word%.service}
  case "$verb $word" in
  *\\ --now) now=yes ;;
  *\\ --*) ;;
  restart*)
    [ ! -e "/run/$name.pid" ] || { pid=$(cat "/run/$name.pid"); kill -- "-$pid"; tail --pid "$pid" -f /dev/null; }
    start "$name"
    ;;
  start*) start "$name" ;;
  enable*) [ -z "$now" ] || start "$name" ;;
  esac
done
`
