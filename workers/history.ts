// The thread that reads what was recorded. Everything is in src/record/history-task.ts.
export { runHistoryTask as default } from '../src/record/history-task.js'
