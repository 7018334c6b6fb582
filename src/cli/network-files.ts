// The commands about networks as others exchange them. A part of cli.ts, under the same rules.

import { type Command, Option } from 'commander'
import type { NetworkProblemArgs } from '../planning/networks/problem-command.js'
import type { NetworkReadArgs } from '../planning/networks/read-command.js'
import type { NetworkWriteArgs } from '../planning/networks/write-command.js'
import type { Io } from '../runtime/io.js'

export function addNetworkFiles(program: Command, io: Io): void {
  const network = program
    .command('network')
    .description('networks as researchers exchange them: SNDlib, REPETITA, TopoHub')
  ofFile(network.command('read'))
    .description('make a plane of one, with its offers and a scenario of its demands')
    .requiredOption('--out <dir>', 'folder that does not exist yet, or is empty')
    .action(async (file: string, o: Omit<NetworkReadArgs, 'file'>) => {
      const { runNetworkRead } = await import('../planning/networks/read-command.js')
      await runNetworkRead({ file, ...o }, io)
    })
  ofFile(network.command('problem'))
    .description('make a problem for `mizani allocate` of one: each demand a flow over its shortest paths')
    .option('--out <file>', 'write it here; absent: print it')
    .action(async (file: string, o: Omit<NetworkProblemArgs, 'file'>) => {
      const { runNetworkProblem } = await import('../planning/networks/problem-command.js')
      runNetworkProblem({ file, ...o }, io)
    })
  network
    .command('write')
    .description('a plane in the native format of SNDlib: links, offers as their modules, promises as demands')
    .requiredOption('--plane <dir>', 'folder of the plane')
    .option('--offers <file>', 'a sheet of offers, as `mizani plan buy` takes it')
    .option('--out <file>', 'write it here; absent: print it')
    .action(async (o: NetworkWriteArgs) => {
      const { runNetworkWrite } = await import('../planning/networks/write-command.js')
      await runNetworkWrite(o, io)
    })
}

/** The file, and what it does not say itself. */
const ofFile = (command: Command): Command =>
  command
    .argument('<file>', 'SNDlib native, a .graph of REPETITA, or JSON of TopoHub; which it is, is seen')
    .option('--demands <file>', 'demands of a .graph; absent: the .demands beside it, where there are any')
    .addOption(
      new Option('--unit <unit>', 'of its capacities and demands; absent: as the format or the file says').choices([
        ...['bps', 'kbps', 'Mbps', 'Gbps'],
      ]),
    )
    .option('--capacity <rate>', 'of each link, where the format has none: TopoHub (10Gbps)')
    .option('--promise <rate>', 'to each node, where the file has no demands (10Mbps)')
