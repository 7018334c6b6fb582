// `mizani edge` and what is said at the gateway itself, with or without a controller: all commands of the program that
// a gateway has alone (edge-package.ts), and a part of cli.ts, under the same rules.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { DURATION_EXAMPLES, parseDuration } from '../model/duration.js'
import { toSeconds } from '../model/units.js'
import type { Flags, Settings } from '../runtime/config.js'
import { usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { DRIVERS, type DriverName } from '../runtime/settings.js'
import { type Done, settingsOf } from './run.js'

type Named = { readonly id?: string; readonly config?: string }
type AtBox = Named & Partial<Settings['edge']> & { readonly dryRun: boolean }

/** Returns `mizani edge`, which others add to. */
export function addGateway(program: Command, io: Io, done: Done): Command {
  const edge = program
    .command('edge')
    .description('the agent of one gateway (RATES_REDIS_URL)')
    .option('--id <id>', "the edge's id in the plane")
    .addOption(new Option('--driver <name>', 'what enforces the rates').choices(DRIVERS))
    .option('--lan <interfaces>', 'interface towards the institutions; several: eth1,eth2')
    .option('--wan <interfaces>', 'interface towards the network; several: eth0,eth3')
    .option('--config <file>', 'settings file')
    .option('--dry-run', 'print to the letter what would be done to this machine now, do nothing, and end', false)
    .action(async ({ config, dryRun, ...edge }: { config?: string; dryRun: boolean } & Partial<Settings['edge']>) => {
      const settings = edgeSettings(settingsOf(io, { edge }, config))
      if (dryRun) {
        const { runEdgeDryRun } = await import('../edge/local/by-hand.js')
        return done(await runEdgeDryRun({ settings }, io))
      }
      const { runEdge } = await import('../edge/main.js')
      done(await runEdge({ settings }, io))
    })
  addBox(edge, io, done)
  addLooks(edge, io, done)
  return edge
}

function edgeSettings(settings: Settings): Settings {
  const { id, driver } = settings.edge
  if (id === null) throw usageError('Which edge is this?', 'Say --id ID, or edge.id in the settings file.')
  if (driver === null)
    throw usageError('What enforces here?', `Say --driver ${DRIVERS.join('|')}, or edge.driver in the file.`)
  return settings
}

function at(io: Io, command: Command): Settings {
  const { id, config } = command.optsWithGlobals<Named>()
  return settingsOf(io, { edge: { id } } as Flags, config)
}

/** What of it only looks. */
function addLooks(edge: Command, io: Io, done: Done): void {
  edge
    .command('status')
    .description('each site with the rate in force, since when, and why')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const { runEdgeStatus } = await import('../edge/local/commands.js')
      done(await runEdgeStatus({ settings: at(io, command), json }, io))
    })
  edge
    .command('why')
    .description('what is in force here for one site, what passes now, and why')
    .argument('<site>', 'id of a site or institution at this edge, or an address')
    .option('--json', 'print JSON', false)
    .action(async (of: string, { json }: { json: boolean }, command: Command) => {
      const { runEdgeWhy } = await import('../edge/local/why.js')
      done(await runEdgeWhy({ settings: at(io, command), of, json }, io))
    })
  edge
    .command('doctor')
    .description('whether this machine can do what an edge does, and what to do about it')
    .option('--listen <duration>', 'count the traffic that no site claims for so long', seconds, 0)
    .option('--json', 'print JSON', false)
    .action(async (o: { listen: number; json: boolean }, command: Command) => {
      const { config, id, driver, lan, wan } = command.optsWithGlobals<AtBox>()
      const { runEdgeDoctor } = await import('../edge/local/doctor.js')
      done(
        await runEdgeDoctor(
          { settings: settingsOf(io, { edge: { id, driver, lan, wan } } as Flags, config), ...o },
          io,
        ),
      )
    })
}

/** At the gateway itself, with or without a controller; `edge` has the options that name it. */
function addBox(edge: Command, io: Io, done: Done): void {
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
      await runEdgeJoin({ words, settings: at(io, command) }, io)
    })
  edge
    .command('install')
    .description(
      'make this machine the gateway of the line that it reads: program, user, settings, unit; then start it',
    )
    .option('--root <dir>', "where the machine's files begin: another one is an image", '/')
    .option('--no-start', 'only install and join')
    .action(async ({ root, start }: { root: string; start: boolean }, command: Command) => {
      const { runEdgeInstall } = await import('../edge/local/install.js')
      const { driver, lan, wan } = command.optsWithGlobals<
        Partial<Record<'lan' | 'wan', string>> & { driver?: DriverName }
      >()
      done(await runEdgeInstall({ root, start, driver, lan, wan, settings: at(io, command) }, io))
    })
  edge
    .command('remove')
    .description('take away all that was set on this machine: nothing is limited here then')
    .option('--dry-run', 'only print it', false)
    .action(async (_: object, command: Command) => {
      const { config, id, driver, lan, wan, dryRun } = command.optsWithGlobals<AtBox>()
      const { runEdgeRemove } = await import('../edge/local/by-hand.js')
      done(
        await runEdgeRemove(
          { settings: settingsOf(io, { edge: { id, driver, lan, wan } } as Flags, config), dryRun },
          io,
        ),
      )
    })
  edge
    .command('bypass')
    .description('lift the limits of a site, or of the whole edge, for a stated time')
    .argument('[site]', 'id of a site or institution at this edge')
    .requiredOption('--for <duration>', '30m, 1h30m, "2 days"')
    .requiredOption('--reason <text>', 'told to the controller')
    .action(async (site: string | undefined, o: { for: string; reason: string }, command: Command) => {
      const { runEdgeBypass } = await import('../edge/local/commands.js')
      done(await runEdgeBypass({ settings: at(io, command), site: site ?? null, ...o }, io))
    })
  edge
    .command('resume')
    .description('end what was lifted here')
    .argument('[site]', 'only that one')
    .action(async (site: string | undefined, _: object, command: Command) => {
      const { runEdgeResume } = await import('../edge/local/commands.js')
      done(await runEdgeResume({ settings: at(io, command), site: site ?? null }, io))
    })
}

function seconds(text: string): number {
  // A bare number is seconds, as in earlier releases.
  const found = /^\d{1,6}$/.test(text) ? Number(text) : toSeconds(parseDuration(text) ?? Number.NaN)
  if (!Number.isInteger(found)) throw new InvalidArgumentError(`Expected ${DURATION_EXAMPLES}, or seconds.`)
  return found
}
