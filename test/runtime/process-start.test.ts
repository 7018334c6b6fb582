// Who is alive: a zombie is not, and nobody waits for one; what guards a program ends with it.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { lockFolder, openFolder } from '../../src/runtime/folder-lock.js'
import { exitOf, spawnGuarded } from '../../src/runtime/guarded.js'
import { isAlive, startOf } from '../../src/runtime/process-start.mjs'
import { freshFolder } from '../harness/place.js'
import { ofProcess, processes } from '../harness/proc.js'
import { zombieOf } from '../harness/zombie.js'

t.test('a process is alive until it has ended, whether or not its parent asks for its code', async (t) => {
  t.ok(isAlive(process.pid))
  t.match(startOf(process.pid), /^\d+$/)
  const zombie = await zombieOf(t)
  t.not(ofProcess(zombie, 'stat'), '', 'the kernel still lists it')
  t.notOk(isAlive(zombie))
  t.notOk(isAlive(2 ** 22 + 1), 'an id that the kernel gives to none')
})

t.test('a lock that a zombie holds is taken over', async (t) => {
  const folder = freshFolder(t)
  openFolder(folder)
  const zombie = await zombieOf(t)
  const start = ofProcess(zombie, 'stat').split(') ')[1]!.split(' ')[19]
  writeFileSync(join(folder, 'lock'), `${zombie} ${start}\n`)
  const lock = lockFolder(folder)
  t.match(readFileSync(join(folder, 'lock'), 'utf8'), new RegExp(`^${process.pid} `))
  lock.release()
  t.same(readdirSync(folder), [])
})

t.test('a program that ends by itself leaves nothing of its guard', async (t) => {
  const guarded = spawnGuarded('sh', ['-c', 'exit 7'], { cwd: '/' })
  t.equal(await exitOf(guarded), 7)
  const group = processes().filter((pid) => ofProcess(pid, 'stat').split(') ')[1]?.split(' ')[2] === `${guarded.pid}`)
  t.same(group, [])
})

t.test('programs that end at once end with their guards, each with its code', async (t) => {
  const codes = await Promise.all(
    Array.from({ length: 100 }, (_, at) => exitOf(spawnGuarded('sh', ['-c', `exit ${at}`], { cwd: '/' }))),
  )
  t.same(codes, [...codes.keys()])
})
