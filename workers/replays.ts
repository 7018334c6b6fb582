// Replays a proposal on the record, in a thread. Everything is in src/planning/recorded/replay-thread.ts.
export { answerReplays as default } from '../src/planning/recorded/replay-thread.js'
