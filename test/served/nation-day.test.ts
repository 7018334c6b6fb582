// A day of the nation, over HTTP and from a command line, against what `npm start` starts: the built program, its
// private stores, in the morning the default plane with its 28 simulated edges, then a district of it. One program, one
// day, in the order of its hours; each chapter finds what the one before has left.
//
//   node src/bin/test.mjs test/served/nation-day.test.ts      builds dist/ first where it is stale

import './day/morning.js'
import './day/changes.js'
import './day/hours.js'
import './day/night.js'
import './day/commands.js'
