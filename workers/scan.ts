// Looks for the first shortage under growth in a thread. Everything is in src/planning/study/scan.ts.
export { scan as default } from '../src/planning/study/scan.js'
