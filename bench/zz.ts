import { readStudy } from '../src/planning/study/study.js'
import { shippedFile } from '../src/runtime/config.js'
import { readOdds } from '../src/planning/study/odds.js'
import { fiscalYear } from '../src/planning/study/futures-years.js'
import { futuresOf } from '../src/planning/study/futures.js'
import { poolRunner } from '../src/planning/study/futures-parts.js'
import { readGrowth } from '../src/planning/study/growth.js'
const study = readStudy({ plane: shippedFile('config/taifa') }, Date.now())
const odds = readOdds('config/odds/example.csv', study.document)
const t0 = performance.now()
const log = (...w: unknown[]) => console.log(((performance.now() - t0) / 1000).toFixed(1), ...w)
log(odds.length)
const f = await futuresOf(study, { year: fiscalYear(study), draws: Number(process.argv[2] ?? 1000), growth: readGrowth(process.argv[4] ?? '0.25±0.08'), odds, moments: 24, minutes: 0.999 }, (i) => { log('prepared', i.factors.length); return poolRunner(i, Number(process.argv[3] ?? 2)) }, { onProgress: (d, of) => { if (d % 256 === 0) log(d, of) } })
log(f.states, f.looked, f.solves, JSON.stringify(f.measures), 'intact', f.intact, process.memoryUsage.rss() / 1e6, process.resourceUsage().maxRSS/1e3)
