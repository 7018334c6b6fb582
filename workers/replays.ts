// Replays a proposal on the record, in a thread. Everything is in src/planning/recorded/replays-task.ts.
export { answerReplays as default } from '../src/planning/recorded/replays-task.js'
