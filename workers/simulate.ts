// Plays chunks of a scenario in a thread. Everything is in src/planning/play.ts.
export { play as default } from '../src/planning/play.js'
