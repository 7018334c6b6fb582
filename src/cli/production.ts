// The command line of what a machine in production is made with. A part of cli.ts, under the same rules.

import { Argument, type Command } from 'commander'
import type { UnitName } from '../process/units.js'
import type { Io } from '../runtime/io.js'

const UNITS: readonly UnitName[] = ['controller', 'policy-store', 'rates-store', 'edge']

export function addUnits(program: Command, io: Io): void {
  const unit = program
    .command('unit')
    .description('production without root: systemd units of the parts, each with a user')
  unit
    .command('show')
    .description('print one as it is')
    .addArgument(new Argument('<part>', 'which').choices(UNITS))
    .action(async (name: UnitName) => {
      const { runUnitShow } = await import('../process/units.js')
      runUnitShow({ name }, io)
    })
  unit
    .command('install')
    .description('write the units of controller and stores, their users, settings and secrets; what is there stays')
    .option('--root <dir>', "where the machine's files begin", '/')
    .action(async (o: { root: string }) => {
      const { runUnitInstall } = await import('../process/units.js')
      runUnitInstall(o, io)
    })
}
