// The commands about what members ask for: a part of cli.ts, under the same rules.

import { type Command, Option } from 'commander'
import type { RequestMade } from '../client/requests.js'
import { REQUEST_STATES } from '../model/request.js'
import type { Settings } from '../runtime/config.js'
import type { Io } from '../runtime/io.js'

interface Printed {
  readonly json: boolean
}

export function addRequests(program: Command, io: Io, settings: () => Settings): void {
  const load = () => import('../client/requests.js')
  const json = ['--json', 'print JSON', false] as const
  const request = program.command('request').description('what members ask for, for the institution they speak for')
  request
    .command('list')
    .description('those that wait, and what became of the others; the newest first')
    .addOption(new Option('--state <state>', 'only these').choices(REQUEST_STATES))
    .option(...json)
    .action(async (o: Printed & { state?: (typeof REQUEST_STATES)[number] }) =>
      (await load()).runRequestList({ ...o, settings: settings() }, io),
    )
  request
    .command('show')
    .description('one of them, with what it would have done when it was made')
    .argument('<id>', 'of the request')
    .option(...json)
    .action(async (id: string, o: Printed) => (await load()).runRequestShow({ id, ...o, settings: settings() }, io))
  request
    .command('choices')
    .description('tiers that an institution may ask for, with what each promises')
    .argument('[institution]', 'its id; the own one of a member unless said')
    .option(...json)
    .action(async (institution: string | undefined, o: Printed) =>
      (await load()).runRequestChoices(
        { ...o, ...(institution === undefined ? {} : { institution }), settings: settings() },
        io,
      ),
    )
  request
    .command('make')
    .description('as a member: ask for another tier or other ceilings')
    .option('--tier <id>', 'another tier')
    .option('--ceiling <service=rate...>', 'such as internet=300Mbps, or internet=300Mbps/150Mbps (down/up)')
    .requiredOption('--reason <text>', 'why it is needed')
    .option('--dry-run', 'show what it would do; nothing is sent', false)
    .option(...json)
    .action(async (o: Omit<RequestMade, 'settings'>) =>
      (await load()).runRequestMake({ ...o, settings: settings() }, io),
    )
  addDecisions(request, io, settings)
}

function addDecisions(request: Command, io: Io, settings: () => Settings): void {
  const load = () => import('../client/requests.js')
  const json = ['--json', 'print JSON', false] as const
  request
    .command('accept')
    .description('make it a proposal of your own')
    .argument('<id>', 'of the request')
    .option(...json)
    .action(async (id: string, o: Printed) => (await load()).runRequestAccept({ id, ...o, settings: settings() }, io))
  request
    .command('refuse')
    .description('refuse it, with a reason that the member reads')
    .argument('<id>', 'of the request')
    .requiredOption('--reason <text>', 'why not')
    .option(...json)
    .action(async (id: string, o: Printed & { reason: string }) =>
      (await load()).runRequestRefuse({ id, ...o, settings: settings() }, io),
    )
  request
    .command('withdraw')
    .description('as a member: take it back while it waits')
    .argument('<id>', 'of the request')
    .option(...json)
    .action(async (id: string, o: Printed) => (await load()).runRequestWithdraw({ id, ...o, settings: settings() }, io))
}
