// The thread that counts months. Everything is in src/ledger/thread.ts.
export { runMonthTask as default } from '../src/ledger/thread.js'
