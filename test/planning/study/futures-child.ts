// Plays futures of a ring, keeping each part in a folder, and prints their result: a program to be killed.

import { futuresOf } from '../../../src/planning/study/futures.js'
import { poolRunner } from '../../../src/planning/study/futures-parts.js'
import { futuresReport } from '../../../src/planning/study/futures-report.js'
import { resultHash } from '../../../src/planning/study/plan-report.js'
import { ringStudy } from './ring-plane.js'
import { ringFutures } from './synthetic-years.js'

const [folder = '', workers = '1', moments = '24'] = process.argv.slice(2)
const study = ringStudy(5, 3)
const options = ringFutures(study, { moments: Number(moments) })
const futures = await futuresOf(study, options, (input) => poolRunner(input, Number(workers)), { folder })
process.stdout.write(`result ${resultHash(futuresReport(futures, null, {}))}\n`)
