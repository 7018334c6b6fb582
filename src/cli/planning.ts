// The command line of planning: what would happen. A part of cli.ts, under the same rules.

import { type Command, InvalidArgumentError, Option } from 'commander'
import type { MonthArgs } from '../planning/month/command.js'
import type { ReplayArgs } from '../planning/recorded/replay-command.js'
import type { BuyArgs } from '../planning/study/buy-command.js'
import type { FailuresArgs } from '../planning/study/failures-command.js'
import type { FuturesArgs } from '../planning/study/futures-command.js'
import type { RunoutArgs } from '../planning/study/runout-command.js'
import type { SimWorkerArgs } from '../planning/study/sim-worker.js'
import type { Io } from '../runtime/io.js'

const GROWTH = 'of a year: 0.25, 25%, 0.25±0.08 with its standard deviation; fitted, fitted:LINK: as recorded'

export function addPlanning(program: Command, io: Io): void {
  const plan = program.command('plan').description('what breaks when, who is hurt, what to buy, by which day')

  studied(plan.command('failures'))
    .description('cut each link, shared-risk group and node: who is short, who is unreachable')
    .option('--pairs', 'every two links or groups together', false)
    .option('--busiest <n>', 'look at so many steps of the day, those in which most is asked for (12; all: 288)', whole)
    .action(async (scenario: string | undefined, o: Omit<FailuresArgs, 'scenario'>) => {
      const { runPlanFailures } = await import('../planning/study/failures-command.js')
      await runPlanFailures({ ...(scenario === undefined ? {} : { scenario }), ...o }, io)
    })

  studied(plan.command('runout'))
    .description('let demand grow until promises break: the break date by tier, link and institution, with its cause')
    .requiredOption('--growth <rate>', GROWTH)
    .option('--any-one <what>', 'fails, one at a time: upstream, backbone, …, link, group, node, or names; by comma')
    .option('--years <n>', 'how far to look (5)', whole)
    .action(async (scenario: string | undefined, o: Omit<RunoutArgs, 'scenario'>) => {
      const { runPlanRunout } = await import('../planning/study/runout-command.js')
      await runPlanRunout({ ...(scenario === undefined ? {} : { scenario }), ...o }, io)
    })
  studied(plan.command('buy'))
    .description(
      'the cheapest set of offers that keeps what must be kept: order-by date, who loses, why not the others',
    )
    .requiredOption(
      '--offers <file>',
      'CSV: offer, link, capacity, once, monthly, lead_days; new links: from, to, kind, …',
    )
    .requiredOption('--keep <whom>', 'categories, tiers or institutions, by comma; everyone')
    .option('--any-one <what>', 'fails, one at a time (link,group): sorts or names, by comma')
    .option('--growth <rate>', `${GROWTH} (0)`)
    .option('--years <n>', 'until when promises are to be kept, and months are paid (3)', whole)
    .option('--busiest <n>', 'look at so many steps of the day (3)', whole)
    .action(async (scenario: string | undefined, o: Omit<BuyArgs, 'scenario'>) => {
      const { runPlanBuy } = await import('../planning/study/buy-command.js')
      await runPlanBuy({ ...(scenario === undefined ? {} : { scenario }), ...o }, io)
    })

  addRecorded(plan, io)
  addFutures(program, plan, io)

  printable(program.command('compare'))
    .description('two reports of simulate or plan: what differs, the largest change first')
    .argument('<a>', 'folder that --out has written, or its report.json')
    .argument('<b>', 'the other one')
    .action(async (a: string, b: string, o: { json: boolean; csv: boolean; out?: string; lang?: 'en' | 'sw' }) => {
      const { runCompare } = await import('../planning/study/plan-command.js')
      runCompare({ a, b, ...o }, io)
    })
}

/** Years that may come, and who else may work on them. */
function addFutures(program: Command, plan: Command, io: Io): void {
  studied(plan.command('futures'))
    .description(
      'a fiscal year, many times over: what is expected to be missing, its range, the rate that is to be had',
    )
    .requiredOption('--growth <rate>', GROWTH)
    .option('--outages <file>', 'CSV: what (link, group, node, or a sort), failures_per_year, hours_to_repair')
    .option('--draws <n>', 'so many years (1000)', whole)
    .option('--year <year>', 'in whose July it begins; absent: the next one', whole)
    .option('--minutes <percent>', 'in so many of all minutes a rate is to be had (99.9)')
    .option('--moments <n>', 'look at so many moments of a day (24; all: 288)', whole)
    .option('--prices <file>', 'worth of what is missing: a price book, as `mizani ledger prices` prints it')
    .option('--offers <file>', 'the same by the cheapest offer, where there are no prices')
    .option('--parts <dir>', 'keep what is found, part by part: the same command goes on from there')
    .option('--queue [redis]', 'let `mizani sim-worker` do it, over this Redis (or MIZANI_JOBS_URL)')
    .action(async (scenario: string | undefined, o: Omit<FuturesArgs, 'scenario'>) => {
      const { runPlanFutures } = await import('../planning/study/futures-command.js')
      await runPlanFutures({ ...(scenario === undefined ? {} : { scenario }), ...o }, io)
    })

  program
    .command('sim-worker')
    .description('do parts of plans that other machines ask for')
    .option('--queue <redis>', 'over this Redis; better by MIZANI_JOBS_URL, which no list of processes shows')
    .option('--workers <n>', 'threads', whole)
    .action(async (o: SimWorkerArgs) => {
      const { runSimWorker } = await import('../planning/study/sim-worker.js')
      await runSimWorker(o, io)
    })
}

/** What looks back. */
function addRecorded(plan: Command, io: Io): void {
  studied(plan.command('replay'))
    .description('the plane as it is against the changes of the scenario, on every moment that was recorded')
    .option('--days <n>', 'so many days back from the newest that is recorded (30)', whole)
    .action(async (scenario: string | undefined, o: Omit<ReplayArgs, 'scenario'>) => {
      const { runPlanReplay } = await import('../planning/recorded/replay-command.js')
      await runPlanReplay({ ...(scenario === undefined ? {} : { scenario }), ...o }, io)
    })

  plan
    .command('month')
    .description('the month of an institution from the record, as a page in each language: promised, used, short')
    .option('--institution <id>', 'whose')
    .option('--all', 'a page for each, and one sheet', false)
    .requiredOption('--month <month>', 'such as 2024-05, as the clocks of the plane count it')
    .requiredOption('--out <dir>', 'write the pages into this folder')
    .option('--plane <dir>', 'folder of the plane: its names, tiers and time zone')
    .option('--record <dir>', 'folder of the record; absent: that of the data folder')
    .option('--workers <n>', 'threads', whole)
    .action(async (o: MonthArgs) => {
      const { runPlanMonth } = await import('../planning/month/command.js')
      await runPlanMonth(o, io)
    })
}

/** What all of them take. */
function studied(command: Command): Command {
  return printable(command)
    .argument('[scenario]', 'scenario file: its plane, changes, demand and seed; without one, the plane as it is')
    .option('--plane <dir>', 'folder of the plane, where there is no scenario')
    .option('--day <day>', 'the day whose demand is asked about; absent: the next working day')
    .option('--seed <n>', 'another run of chance', whole)
    .option('--workers <n>', 'threads', whole)
    .option('--record <dir>', 'folder of the record, for recorded demand and growth; absent: that of the data folder')
}

function printable(command: Command): Command {
  return command
    .option('--out <dir>', 'write the report (HTML in both languages, CSV, JSON, text) into this folder')
    .option('--json', 'print JSON', false)
    .option('--csv', 'print the first table as CSV', false)
    .addOption(new Option('--lang <language>', 'default: that of LANG').choices(['en', 'sw']))
}

function whole(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.')
  return Number(text)
}
