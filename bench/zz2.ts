import { readStudy } from '../src/planning/study/study.js'
import { shippedFile } from '../src/runtime/config.js'
import { readOdds } from '../src/planning/study/odds.js'
import { fiscalYear, Years } from '../src/planning/study/futures-years.js'
import { Agenda } from '../src/planning/study/futures-agenda.js'
import { demandOfMoments } from '../src/planning/study/futures.js'
import { partsOf } from '../src/planning/study/futures-parts.js'
import { Sweep } from '../src/planning/study/sweep.js'
import { readGrowth } from '../src/planning/study/growth.js'
const study = readStudy({ plane: shippedFile('config/taifa') }, Date.now())
const odds = readOdds('config/odds/example.csv', study.document)
const year = fiscalYear(study)
const years = new Years({ seed: 1, draws: 1000, growth: readGrowth('0.25±0.08'), odds, days: year.days })
const cpu = () => process.cpuUsage().user / 1e3
let t = cpu()
const lap = (w: string) => { console.log(w, ((cpu() - t)).toFixed(0), 'ms'); t = cpu() }
const agenda = new Agenda(study.document, year, odds, 24)
for (let n = 0; n < 1000; n++) agenda.add(years.year(n))
agenda.close(); lap('draw')
const { factors, parts } = partsOf(agenda, 48); lap('parts')
const demand = demandOfMoments(study, 24); lap('demand')
let n = 0
import { futures } from '../src/planning/study/futures-task.js'
import { shared } from '../src/planning/study/sweep-task.js'
const input = { key: 'k', document: shared(study.document), moments: 48, demand: demand.buffer, factors }
for (const part of parts.slice(2, 7)) { const r = futures({ ...input, part }); lap(`part ${n++} states ${part.states.length} keys ${part.states.reduce((a, b) => a + b.steps.length, 0)} solves ${r.solves}`) }
