// The commands about edges beside the agent itself: at the gateway, with or without a controller, and from elsewhere,
// where a person does what no agent does. A part of cli.ts, under the same rules.

import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import { DURATION_EXAMPLES, parseDuration } from '../model/duration.js'
import { ENFORCEMENTS, type Enforcement } from '../model/network.js'
import { toSeconds } from '../model/units.js'
import type { Flags, Settings } from '../runtime/config.js'
import type { Io } from '../runtime/io.js'

type Done = (exitCode: number) => void
type OrderOptions = { readonly for?: string; readonly until?: string; readonly reason: string; readonly json: boolean }
type SettingsOf = (flags?: Flags, file?: string) => Settings

/** @param edge the command `mizani edge` */
export function addEdge(program: Command, edge: Command, io: Io, settings: SettingsOf, done: Done): void {
  addBox(edge, io, settings, done)
  addByHand(program, edge, io, settings)
}

/** At the gateway itself, with or without a controller; `edge` has the options that name it. */
function addBox(edge: Command, io: Io, settings: SettingsOf, done: Done): void {
  type Named = { readonly id?: string; readonly config?: string }
  type AtBox = Named & Partial<Settings['edge']> & { readonly dryRun: boolean }
  const settingsAt = (command: Command): Settings => {
    const { id, config } = command.optsWithGlobals<Named>()
    return settings({ edge: { id } } as Flags, config)
  }
  edge
    .command('join')
    .description(
      'trade the one-time token of the line that `mizani edge-user add` printed for credentials of this edge',
    )
    .addHelpText(
      'after',
      '\nIt asks for the line; or reads it from `< FILE`, MIZANI_JOIN_FILE (mode 0600) or MIZANI_JOIN.',
    )
    // What earlier releases read here is heard, and refused with what to do.
    .argument('[nothing...]', 'a token on a command line would be seen by everybody')
    .allowUnknownOption()
    .action(async (words: string[], _: object, command: Command) => {
      const { runEdgeJoin } = await import('../edge/join.js')
      await runEdgeJoin({ words, settings: settingsAt(command) }, io)
    })
  edge
    .command('status')
    .description('each site with the rate in force, since when, and why')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const { runEdgeStatus } = await import('../edge/local/commands.js')
      done(await runEdgeStatus({ settings: settingsAt(command), json }, io))
    })
  edge
    .command('why')
    .description('what is in force here for one site, what passes now, and why')
    .argument('<site>', 'id of a site or institution at this edge, or an address')
    .option('--json', 'print JSON', false)
    .action(async (of: string, { json }: { json: boolean }, command: Command) => {
      const { runEdgeWhy } = await import('../edge/local/why.js')
      done(await runEdgeWhy({ settings: settingsAt(command), of, json }, io))
    })
  edge
    .command('doctor')
    .description('whether this machine can do what an edge does, and what to do about it')
    .option('--listen <duration>', 'count the traffic that no site claims for so long', seconds, 0)
    .option('--json', 'print JSON', false)
    .action(async (o: { listen: number; json: boolean }, command: Command) => {
      const { config, id, driver, lan, wan } = command.optsWithGlobals<AtBox>()
      const { runEdgeDoctor } = await import('../edge/local/doctor.js')
      const at = settings({ edge: { id, driver, lan, wan } } as Flags, config)
      done(await runEdgeDoctor({ settings: at, ...o }, io))
    })
  edge
    .command('remove')
    .description('take away all that was set on this machine: nothing is limited here then')
    .option('--dry-run', 'only print it', false)
    .action(async (_: object, command: Command) => {
      const { config, id, driver, lan, wan, dryRun } = command.optsWithGlobals<AtBox>()
      const { runEdgeRemove } = await import('../edge/local/by-hand.js')
      done(await runEdgeRemove({ settings: settings({ edge: { id, driver, lan, wan } } as Flags, config), dryRun }, io))
    })
  edge
    .command('bypass')
    .description('lift the limits of a site, or of the whole edge, for a stated time')
    .argument('[site]', 'id of a site or institution at this edge')
    .requiredOption('--for <duration>', '30m, 1h30m, "2 days"')
    .requiredOption('--reason <text>', 'told to the controller')
    .action(async (site: string | undefined, o: { for: string; reason: string }, command: Command) => {
      const { runEdgeBypass } = await import('../edge/local/commands.js')
      done(await runEdgeBypass({ settings: settingsAt(command), site: site ?? null, ...o }, io))
    })
  edge
    .command('resume')
    .description('end what was lifted here')
    .argument('[site]', 'only that one')
    .action(async (site: string | undefined, _: object, command: Command) => {
      const { runEdgeResume } = await import('../edge/local/commands.js')
      done(await runEdgeResume({ settings: settingsAt(command), site: site ?? null }, io))
    })
}

interface RenderOptions {
  readonly for: 'ios-xe'
  readonly port?: string
  readonly revision?: number
  readonly out?: string
  readonly remove: boolean
  readonly json: boolean
}

interface ConfirmOptions {
  readonly revision: number
  readonly port?: string
  readonly running?: string
  readonly leftOut: readonly string[]
  readonly json: boolean
}

/** By the controller's API, from wherever one may reach it. */
function addByHand(program: Command, edge: Command, io: Io, settings: SettingsOf): void {
  const load = () => import('../client/static-edges.js')
  program
    .command('render')
    .description('the configuration of an edge as text, to be read, typed in and confirmed')
    .argument('<edge>', "the edge's id in the plane")
    .addOption(new Option('--for <router>', 'whose language').choices(['ios-xe']).makeOptionMandatory())
    .option('--port <interface>', 'towards the institutions, such as GigabitEthernet0/0/1')
    .option('--revision <n>', 'another one than the one in force', revision)
    .option('--out <file>', 'write it here')
    .option('--remove', 'the text that takes it away again', false)
    .option('--json', 'print JSON', false)
    .action(async (id: string, o: RenderOptions) =>
      (await load()).runRender({ edge: id, ...o, settings: settings() }, io),
    )
  edge
    .command('confirm')
    .description('say that the rendered text of a revision is in force at a static edge')
    .argument('<edge>', "the edge's id in the plane")
    .requiredOption('--revision <n>', 'as the text says at its top', revision)
    .option('--port <interface>', 'as it was rendered for')
    .option('--running <file>', 'what the router shows (show running-config): must be what the text says')
    .option('--left-out <sites...>', 'sites that the text leaves out: they count as not limited', [])
    .option('--json', 'print JSON', false)
    .action(async (id: string, o: ConfirmOptions) =>
      (await load()).runEdgeConfirm({ edge: id, ...o, settings: settings() }, io),
    )
  edge
    .command('order')
    .description('observe, enforce, hold or bypass; to enforce for a while is a trial that ends by itself')
    .addArgument(new Argument('<enforcement>', 'what is ordered').choices(ENFORCEMENTS))
    .argument('<edges...>', 'their ids; those that are put on trial together return together')
    .option('--for <duration>', '30m, 1h30m, "2 days"')
    .option(
      '--until <time>',
      'instead of --for: "22:00", "2026-03-02 22:00" (the plane\'s time): joins those that end then',
    )
    .requiredOption('--reason <text>', 'kept with it')
    .option('--dry-run', 'only say whom it touches', false)
    .option('--json', 'print JSON', false)
    .action(async (enforcement: Enforcement, edges: string[], o: OrderOptions, command: Command) => {
      const { dryRun } = command.optsWithGlobals<{ dryRun: boolean }>()
      return (await load()).runEdgeOrder({ enforcement, edges, ...o, dryRun, settings: settings() }, io)
    })
  edge
    .command('drain')
    .description('prepare to switch an edge off: who depends on it, and whether it can go')
    .argument('<edge>', "the edge's id in the plane")
    .option('--reason <text>', 'kept with it')
    .option('--dry-run', 'only say whom it touches', false)
    .option('--end', 'it stays after all', false)
    .option('--json', 'print JSON', false)
    .action(async (id: string, o: { reason?: string; end: boolean; json: boolean }, command: Command) => {
      // `mizani edge` has this option too, and hears it wherever it stands.
      const { dryRun } = command.optsWithGlobals<{ dryRun: boolean }>()
      return (await load()).runEdgeDrain({ edge: id, ...o, dryRun, settings: settings() }, io)
    })
}

function seconds(text: string): number {
  // A bare number is seconds, as in earlier releases.
  const found = /^\d{1,6}$/.test(text) ? Number(text) : toSeconds(parseDuration(text) ?? Number.NaN)
  if (!Number.isInteger(found)) throw new InvalidArgumentError(`Expected ${DURATION_EXAMPLES}, or seconds.`)
  return found
}

function revision(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected the number of a revision.')
  return Number(text)
}
