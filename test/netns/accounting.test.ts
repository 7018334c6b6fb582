// A sender with port 0 is one that nobody can answer: the kernel refuses it, and it must not end who listens. No
// program of ours may send so; a packet filter of a namespace makes it of one that was sent.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { kernelObstacle } from './namespaces.js'

const CHILD = fileURLToPath(new URL('./accounting-child.js', import.meta.url))
const SENDER = 4_000
const RULES = `table ip zero {
  chain out { type filter hook output priority 0; udp sport ${SENDER} udp sport set 0; }
  chain in { type filter hook input priority 0; udp sport 0 counter; }
}`

t.test('accounting from port 0 is not answered, and the next is', { skip: kernelObstacle() ?? false }, async (t) => {
  const namespace = `mz${process.pid}-accounting`
  const inside = ['netns', 'exec', namespace]
  const ip = (words: readonly string[], input = ''): string => execFileSync('ip', words, { input }).toString()
  ip(['netns', 'add', namespace])
  t.teardown(() => spawnSync('ip', ['netns', 'del', namespace]))
  ip(['-n', namespace, 'link', 'set', 'lo', 'up'])
  ip([...inside, 'nft', '-f', '-'], RULES)

  const child = spawn('ip', [...inside, process.execPath, CHILD, String(SENDER)])
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (part) => (said += part))
  child.stderr.on('data', (part) => (said += part))
  await once(child, 'close')
  t.equal(said, 'answered\n')
  t.match(ip([...inside, 'nft', 'list', 'chain', 'ip', 'zero', 'in']), /counter packets 1 /, 'it did arrive')
})
