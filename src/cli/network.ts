// The commands about what the network does now: lists, alarms, the word of an operator about a link, and who is told by
// webhook. A part of cli.ts, under the same rules.

import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import type { AlarmFilter } from '../client/alarms.js'
import type * as network from '../client/network.js'
import type { WebhookOptions } from '../client/webhooks.js'
import { SEVERITIES } from '../model/alarm.js'
import { DIRECTIONS } from '../model/network.js'
import { WEBHOOK_SIGNATURE } from '../model/webhook-signature.js'
import type { Settings } from '../runtime/config.js'
import type { Io } from '../runtime/io.js'

interface Json {
  readonly json: boolean
}
type Options<Of> = Omit<Of, 'settings' | 'id'>
type Done = (exitCode: number) => void

const JSON_OPTION = ['--json', 'print JSON', false] as const
const load = () => import('../client/network.js')

/** @param edge the command `mizani edge` */
export function addNetwork(program: Command, edge: Command, io: Io, settings: () => Settings, done: Done): void {
  program
    .command('status')
    .description('how the plane stands: who gets what they ask, which edges hear, what is wrong')
    .option(...JSON_OPTION)
    .action(async (o: Json) => (await load()).runStatus({ ...o, settings: settings() }, io))
  program
    .command('whoami')
    .description('whose token this is, and what it may do')
    .option(...JSON_OPTION)
    .action(async (o: Json) => (await load()).runWhoAmI({ ...o, settings: settings() }, io))
  addInstitutions(program, io, settings)
  addLinks(program, io, settings)
  addRest(program, edge, io, settings)
  addAlarms(program, io, settings)
  addWebhooks(program, io, settings, done)
  addDemo(program, io, settings)
}

function withSpan(command: Command): Command {
  return command
    .option('--from <time>', 'such as 2026-03-02T08:00:00+03:00; a day before --to')
    .option('--to <time>', 'now, unless it is said')
    .addOption(new Option('--step <time>', 'a row for each').choices(['5m', '15m', '1h', '6h', '1d']))
    .option(...JSON_OPTION)
}

function addInstitutions(program: Command, io: Io, settings: () => Settings): void {
  const institution = program.command('institution').description('institutions, with what they ask and get')
  institution
    .command('list')
    .description('those that fit, with their flows')
    .argument('[text...]', 'words of a name; dots, accents and short forms do not matter: Mt Meru')
    .option('--category <id>', 'only these')
    .option('--region <id>', 'only there')
    .option('--tier <id>', 'only of this tier')
    .option('--edge <id>', 'only behind this edge')
    .option('--limited-by <what>', 'a code such as LINK, or the id of a link, envelope or override')
    .option(...JSON_OPTION)
    .action(async (words: string[], o: Options<network.InstitutionFilter>) => {
      const text = words.length === 0 ? {} : { text: words.join(' ') }
      await (await load()).runInstitutionList({ ...o, ...text, settings: settings() }, io)
    })
  institution
    .command('show')
    .description('one, with its sites, and its flows edge by edge')
    .argument('<institution>', 'its id, or words of its name')
    .option(...JSON_OPTION)
    .action(async (id: string, o: Json) => (await load()).runInstitutionShow({ id, ...o, settings: settings() }, io))
  withSpan(institution.command('history').description('what it asked for, got and missed, over time'))
    .argument('<institution>', 'its id, or words of its name')
    .action(async (id: string, o: Options<network.Span>) =>
      (await load()).runInstitutionHistory({ id, ...o, settings: settings() }, io),
    )
}

function addLinks(program: Command, io: Io, settings: () => Settings): void {
  const link = program.command('link').description('links, and what they can carry')
  link
    .command('list')
    .description('links of the plane, each direction by itself')
    .argument('[text]', 'in the id, an end or a shared-risk group')
    .addOption(new Option('--state <state>', 'only these').choices(['up', 'derated', 'down']))
    .option('--all', 'access lines too', false)
    .option(...JSON_OPTION)
    .action(async (text: string | undefined, o: Options<network.LinkFilter>) =>
      (await load()).runLinkList({ ...o, ...(text !== undefined && { text }), settings: settings() }, io),
    )
  link
    .command('show')
    .description('one directed link, and whom it limits')
    .argument('<link>', 'such as transit-a.down')
    .option(...JSON_OPTION)
    .action(async (id: string, o: Json) => (await load()).runLinkShow({ id, ...o, settings: settings() }, io))
  link
    .command('flows')
    .description('who is on a directed link, at which band and level, and what each lacks; worst first')
    .argument('<link>', 'such as transit-a.down')
    .option('--limit <n>', 'how many are named; all are counted', howMany, 20)
    .option(...JSON_OPTION)
    .action(async (id: string, o: Json & { readonly limit: number }) =>
      (await load()).runLinkFlows({ id, ...o, settings: settings() }, io),
    )
  link
    .command('state')
    .description('say that a link, directed link or shared-risk group is down, up, or carries less')
    .argument('<link>', 'such as uplink-mbeya, or uplink-mbeya.down')
    .argument('<state>', 'up, down, what is left such as 2Gbps, or a part such as 40%')
    .option('--for <time>', 'such as 2h; then it counts as up again. Otherwise until something else is said')
    .option('--event <id>', "the monitoring system's id of this event; sent twice it is one")
    .option('--reason <text>', 'kept with it')
    .option(...JSON_OPTION)
    .action(async (id: string, word: string, o: Omit<Options<network.LinkWord>, 'word'>) =>
      (await load()).runLinkState({ id, word, ...o, settings: settings() }, io),
    )
  link
    .command('what-if')
    .description('what if it is cut, or carries less: who would have what then; nothing is kept')
    .argument('<link>', 'link, directed link or shared-risk group')
    .argument('[left]', 'what would be left of it, such as 40%', '0%')
    .option(...JSON_OPTION)
    .action(async (id: string, left: string, o: Json) =>
      (await load()).runLinkWhatIf({ id, left, ...o, settings: settings() }, io),
    )
  withSpan(link.command('history').description('what a directed link carried, over time'))
    .argument('<link>', 'such as transit-a.down')
    .action(async (id: string, o: Options<network.Span>) =>
      (await load()).runLinkHistory({ id, ...o, settings: settings() }, io),
    )
}

function addRest(program: Command, edge: Command, io: Io, settings: () => Settings): void {
  program
    .command('envelopes')
    .description('what institutions share, by service and direction')
    .option('--envelope <id>', 'only this one')
    .option('--service <id>', 'only this service')
    .option(...JSON_OPTION)
    .action(async (o: Options<network.EnvelopeFilter>) =>
      (await load()).runEnvelopeList({ ...o, settings: settings() }, io),
    )
  program
    .command('nodes')
    .description('where links meet, and where each stands in the picture')
    .option('--region <id>', 'only in this region')
    .option(...JSON_OPTION)
    .action(async (o: Json & { region?: string }) => (await load()).runNodeList({ ...o, settings: settings() }, io))
  program
    .command('unmapped')
    .description('traffic that no site claims, by edge')
    .option('--edge <id>', 'only there')
    .option(...JSON_OPTION)
    .action(async (o: Json & { edge?: string }) => (await load()).runUnmapped({ ...o, settings: settings() }, io))
  program
    .command('allocations')
    .description('every flow of the last tick, edge by edge')
    .option('--institution <id>', 'only of this one')
    .option('--service <id>', 'only this service')
    .addOption(new Option('--direction <direction>', 'only this direction').choices(DIRECTIONS))
    .option('--edge <id>', 'only there')
    .option('--tier <id>', 'only of this tier')
    .option(...JSON_OPTION)
    .action(async (o: Options<network.AllocationFilter>) =>
      (await load()).runAllocationList({ ...o, settings: settings() }, io),
    )
  edge
    .command('list')
    .description('edges as the controller sees them')
    .option('--region <id>', 'only there')
    .addOption(new Option('--state <state>', 'only these').choices(['FRESH', 'STALE', 'SAFE', 'UNKNOWN']))
    .option(...JSON_OPTION)
    .action(async (o: Options<network.EdgeFilter>) => (await load()).runEdgeList({ ...o, settings: settings() }, io))
  edge
    .command('show')
    .description('one edge as the controller sees it, with its sites')
    .argument('<edge>', "the edge's id in the plane")
    .option(...JSON_OPTION)
    .action(async (id: string, o: Json) => (await load()).runEdgeShow({ id, ...o, settings: settings() }, io))
}

function addAlarms(program: Command, io: Io, settings: () => Settings): void {
  const commands = () => import('../client/alarms.js')
  const alarm = program.command('alarm').description('what is wrong, and what was')
  alarm
    .command('list')
    .description('what is wrong now, the newest first')
    .option('--all', 'what is over too', false)
    .addOption(new Option('--severity <severity>', 'only these').choices(SEVERITIES))
    .option('--code <code>', 'only these, such as LINK_DOWN')
    .option(...JSON_OPTION)
    .action(async (o: Options<AlarmFilter>) => (await commands()).runAlarmList({ ...o, settings: settings() }, io))
  alarm
    .command('show')
    .description('one alarm, what to do, and who missed what while it lasted')
    .argument('<id>', 'as `alarm list` shows it')
    .option(...JSON_OPTION)
    .action(async (id: string, o: Json) => (await commands()).runAlarmShow({ id, ...o, settings: settings() }, io))
  alarm
    .command('acknowledge')
    .description('you have seen it, and others need not')
    .argument('<id>', 'as `alarm list` shows it')
    .option('--note <text>', 'what is being done')
    .option(...JSON_OPTION)
    .action(async (id: string, o: Json & { note?: string }) =>
      (await commands()).runAlarmAcknowledge({ id, ...o, settings: settings() }, io),
    )
}

function addWebhooks(program: Command, io: Io, settings: () => Settings, done: Done): void {
  const commands = () => import('../client/webhooks.js')
  const webhook = program
    .command('webhook')
    .description('who is told of alarms by HTTP, signed')
    .addHelpText('after', `\n${WEBHOOK_SIGNATURE}`)
  webhook
    .command('list')
    .description('how it goes with each: last attempt, last error, when it is tried again')
    .option(...JSON_OPTION)
    .action(async (o: Json) => (await commands()).runWebhookList({ ...o, settings: settings() }, io))
  webhook
    .command('add')
    .description('tell this address; the secret that signs is shown once')
    .argument('<url>', 'at a host of webhooks.allow in the settings of the controller')
    .addOption(new Option('--severity <severity>', 'the least bad that is told').choices(SEVERITIES).default('major'))
    .option('--regions <list>', 'only alarms of these regions', (text: string) =>
      text.split(',').map((id) => id.trim()),
    )
    .option(...JSON_OPTION)
    .action(async (url: string, o: Omit<Options<WebhookOptions>, 'url'>) =>
      (await commands()).runWebhookAdd({ url, ...o, settings: settings() }, io),
    )
  webhook
    .command('try')
    .description('post a signed letter that tells of nothing, now, and say what came back; exit 1: not taken')
    .argument('<id>', 'as `webhook list` shows it')
    .option(...JSON_OPTION)
    .action(async (id: string, o: Json) =>
      done(await (await commands()).runWebhookTry({ id, ...o, settings: settings() }, io)),
    )
  webhook
    .command('rotate')
    .description('give it a new secret, shown once; the old one signs nothing any more')
    .argument('<id>', 'as `webhook list` shows it')
    .option(...JSON_OPTION)
    .action(async (id: string, o: Json) => (await commands()).runWebhookRotate({ id, ...o, settings: settings() }, io))
  webhook
    .command('remove')
    .description('nobody is told there any more')
    .argument('<id>', 'as `webhook list` shows it')
    .option(...JSON_OPTION)
    .action(async (id: string, o: Json) => (await commands()).runWebhookRemove({ id, ...o, settings: settings() }, io))
}

/** Beside simulated edges alone. */
function addDemo(program: Command, io: Io, settings: () => Settings): void {
  const demo = program.command('demo').description('turn the knobs of the demonstration')
  demo
    .command('load')
    .description('multiply what an institution offers')
    .argument('<institution>', 'its id, or its whole name')
    .argument('<factor>', 'such as 3', factor)
    .option(...JSON_OPTION)
    .action(async (id: string, times: number, o: Json) =>
      (await load()).runDemoLoad({ id, factor: times, ...o, settings: settings() }, io),
    )
  demo
    .command('edge')
    .description('a simulated edge falls silent, or comes back')
    .argument('<edge>', 'its id')
    .addArgument(new Argument('<what>', 'stop or start').choices(['stop', 'start']))
    .option(...JSON_OPTION)
    .action(async (id: string, what: string, o: Json) =>
      (await load()).runDemoEdge({ id, runs: what === 'start', ...o, settings: settings() }, io),
    )
}

function factor(text: string): number {
  const found = Number(text)
  if (text.trim() === '' || !Number.isFinite(found) || found < 0) throw new InvalidArgumentError('Expected a number.')
  return found
}

function howMany(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1 to 1000.')
  return Number(text)
}
