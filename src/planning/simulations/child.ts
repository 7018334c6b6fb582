// The process in which one question is answered: behind all others at the processor where that was said, with nothing
// of the environment, and with no word to anybody but lines of JSON to whoever started it. It runs in the folder of the
// question.

import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { MizaniError, messageOf } from '../../runtime/errors.js'
import { stepLast } from '../../runtime/priority.js'
import { syncFolder } from '../../runtime/whole-file.js'
import { type Ask, answerHere } from './answer.js'
import { ANSWER } from './answer-files.js'
import { type ChildWord, LAST } from './process.js'

/** So many words at most from the beginning of a piece of work to its end. */
const WORDS = 200

/** At once, also while this thread is busy. */
function say(word: ChildWord): void {
  writeSync(1, `${JSON.stringify(word)}\n`)
}

function progress(of: number, what: string): (done: number) => void {
  let told = 0
  return (done) => {
    if (done < of && done - told < of / WORDS) return
    told = done
    say({ at: 'work', done, of, what })
  }
}

/** What is said to be there is there also after the machine has stopped. */
function sync(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = openSync(join(folder, name), 'r')
    fsyncSync(file)
    closeSync(file)
  }
  syncFolder(folder)
}

/** Where memory runs out the kernel takes this process first, not the controller that has started it. */
function goFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000')
  } catch {
    // Another kernel, or a sandbox: then its bounds alone hold it.
  }
}

if (process.argv.includes(LAST)) stepLast()
goFirst()
say({ at: 'begun', pid: process.pid })
try {
  await answerHere(JSON.parse(readFileSync('ask.json', 'utf8')) as Ask, progress)
  sync(ANSWER)
  say({ at: 'end' })
} catch (error) {
  const known = error instanceof MizaniError
  const { code, faults, advice } = known ? error : { code: 'INTERNAL', faults: [], advice: undefined }
  const message = advice === undefined ? messageOf(error) : `${messageOf(error)} ${advice}`
  say({ at: 'refused', code, message, faults: faults.slice(0, 100) })
}
