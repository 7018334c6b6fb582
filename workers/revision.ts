// The thread that reads revisions as they were written. Everything is in src/policy/revisions/record-reader.ts.
export { readRecord as default } from '../src/policy/revisions/record-reader.js'
