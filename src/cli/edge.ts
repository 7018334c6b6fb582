// The commands about edges from elsewhere, by the controller's API: where a person does what no agent does. A part of
// cli.ts, under the same rules.

import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import { ENFORCEMENTS, type Enforcement } from '../model/network.js'
import type { Settings } from '../runtime/config.js'
import type { Io } from '../runtime/io.js'

type OrderOptions = { readonly for?: string; readonly until?: string; readonly reason: string; readonly json: boolean }

interface RenderOptions {
  readonly for: 'ios-xe'
  readonly port?: string
  readonly revision?: number
  readonly since?: number
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

/** @param edge the command `mizani edge`: gateway.ts */
export function addEdge(program: Command, edge: Command, io: Io, asked: () => Settings): void {
  const load = () => import('../client/static-edges.js')
  program
    .command('render')
    .description('the configuration of an edge as text, to be read, typed in and confirmed')
    .argument('<edge>', "the edge's id in the plane")
    .addOption(new Option('--for <router>', 'whose language').choices(['ios-xe']).makeOptionMandatory())
    .option('--port <interface>', 'towards the institutions, such as GigabitEthernet0/0/1')
    .option('--revision <n>', 'another one than the one in force', revision)
    .option('--since <n>', 'only what differs from this revision, which the router has', revision)
    .option('--out <file>', 'write it here')
    .option('--remove', 'the text that takes it away again', false)
    .option('--json', 'print JSON', false)
    .action(async (id: string, o: RenderOptions) => (await load()).runRender({ edge: id, ...o, settings: asked() }, io))
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
      (await load()).runEdgeConfirm({ edge: id, ...o, settings: asked() }, io),
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
      return (await load()).runEdgeOrder({ enforcement, edges, ...o, dryRun, settings: asked() }, io)
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
      return (await load()).runEdgeDrain({ edge: id, ...o, dryRun, settings: asked() }, io)
    })
}

function revision(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected the number of a revision.')
  return Number(text)
}
