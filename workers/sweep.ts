// Sweeps a network under conditions in a thread. Everything is in src/planning/study/sweep-task.ts.
export { sweep as default } from '../src/planning/study/sweep-task.js'
