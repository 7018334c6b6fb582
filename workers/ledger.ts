// The thread that counts months. Everything is in src/ledger/task.ts.
export { runMonthTask as default } from '../src/ledger/task.js'
