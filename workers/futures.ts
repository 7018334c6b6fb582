// Looks at states of the network in a thread. Everything is in src/planning/study/futures-task.ts.
export { futures as default } from '../src/planning/study/futures-task.js'
