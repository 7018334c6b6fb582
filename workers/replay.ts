// Solves the recorded moments of a day again, in a thread. Everything is in src/planning/recorded/replay-task.ts.
export { replayDay as default } from '../src/planning/recorded/replay-task.js'
