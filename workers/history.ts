// The thread that reads what was recorded. Everything is in src/record/history-thread.ts.
export { runHistoryTask as default } from '../src/record/history-thread.js'
