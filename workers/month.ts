// Writes the months of institutions, in a thread. Everything is in src/planning/month/task.ts.
export { writeMonths as default } from '../src/planning/month/task.js'
