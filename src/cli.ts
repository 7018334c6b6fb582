#!/usr/bin/env node
// The commands: each is one line into its module, which is loaded only when it is asked for, so that `--help` is
// quick and an edge never loads the controller. Here and in cli/ are the command line's own rules and nothing else:
// what a command is called, which settings its options override; cli/run.ts says how it is run.

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import { addPeople, addSessions } from './cli/accounts.js'
import { addAudit, addEdgeAccounts } from './cli/audit.js'
import { addPolicyControl, CONFIRM_WITHIN } from './cli/control.js'
import { addEdge } from './cli/edge.js'
import { addGateway } from './cli/gateway.js'
import { addLedger } from './cli/ledger.js'
import { addNetwork } from './cli/network.js'
import { addNetworkFiles } from './cli/network-files.js'
import { addPlanning } from './cli/planning.js'
import { addUnits } from './cli/production.js'
import { addRequests } from './cli/requests.js'
import { type Done, run, runHere, settingsOf } from './cli/run.js'
import { asPerson, leave } from './client/in-person.js'
import type { ApplyOptions } from './client/policy.js'
import { ROLES, type Role } from './model/principal.js'
import type { AllocateOptions } from './planning/allocate.js'
import type { SimulateArgs } from './planning/simulate.js'
import type { AdoptFrom } from './policy/import/router-texts.js'
import type { Flags, Settings } from './runtime/config.js'
import type { Io } from './runtime/io.js'
import type { Person } from './runtime/person.js'

interface ExplainOptions {
  readonly service?: string
  readonly direction?: 'down' | 'up'
  readonly at?: string
  readonly lang?: 'en' | 'sw'
  readonly json: boolean
}

interface SettingsOptions {
  readonly config?: string
  readonly id?: string
  readonly plane?: string
  readonly port?: number
  readonly demo?: boolean
}

/** Runs one command line (without node and the script) and resolves with its exit code, as `run` has it. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const people: Person[] = []
  try {
    return await run(args, io, (program, io, done) => addAll(program, io, done, people))
  } finally {
    await Promise.all(people.map(leave))
  }
}

/** @param people who run it as themselves: they leave when it has ended. */
function addAll(program: Command, io: Io, done: Done, people: Person[]): void {
  program.option(
    '--as <account>',
    'run this one command as yourself: asks for the password of the account, and the code',
  )
  const asked = (): Settings =>
    asPerson(settingsOf(io), program.opts<{ as?: string }>().as, io, (one) => people.push(one))
  addProcesses(program, io, done)
  const edge = addGateway(program, io, done)
  addEdge(program, edge, io, asked)
  addNetwork(program, edge, io, asked, done)
  addQuestions(program, io, asked, done)
  addPlanning(program, io)
  addNetworkFiles(program, io)
  addEdgeAccounts(program, io, asked, done)
  addBackup(program, io, done)
  addUnits(program, io)
  addPolicyControl(program, addPolicy(program, io, asked, done), io, asked)
  addPeople(program, io, asked)
  addSessions(program, io, asked)
  addAudit(program, io, asked, done)
  addLedger(program, io, asked)
  addRequests(program, io, asked)
}

function addProcesses(program: Command, io: Io, done: Done): void {
  program
    .command('up')
    .description('start everything here: private stores, controller, API, and the edges of the demo')
    .option('--plane <dir>', 'folder of the plane')
    .option('--port <n>', 'port of the API', wholeNumber)
    .option('--no-demo', 'without simulated edges')
    .option('--config <file>', 'settings file')
    .action(async (o: SettingsOptions) => {
      const settings = settingsOf(io, serverFlags(o), o.config)
      const { runUp } = await import('./process/up.js')
      done(await runUp({ settings }, io))
    })

  program
    .command('init')
    .description('write an empty plane, with comments and one example row in each file')
    .argument('<dir>', 'folder that does not exist yet, or is empty')
    .action(async (directory: string) => {
      const { runInit } = await import('./policy/files/init.js')
      await runInit({ directory }, io)
    })

  program
    .command('controller')
    .description('the controller and its API as a process of its own (REDIS_URL, RATES_REDIS_URL)')
    .option('--id <name>', 'name of this controller among others')
    .option('--plane <dir>', 'folder of the plane that seeds an empty store')
    .option('--port <n>', 'port of the API', wholeNumber)
    .option('--config <file>', 'settings file')
    .action(async (o: SettingsOptions) => {
      const settings = settingsOf(io, serverFlags(o), o.config)
      const { runController } = await import('./process/main.js')
      done(await runController({ settings }, io))
    })
}

function addQuestions(program: Command, io: Io, asked: () => Settings, done: Done): void {
  program
    .command('allocate')
    .description('solve one problem file; print the allocation and its certificate')
    .argument('[file]', 'problem file (JSON); - reads standard input')
    .option('--json', 'print JSON', false)
    .option('--csv', 'print the flows as CSV', false)
    .option('--explain <flow>', 'print one flow: what each band gave it, at which level, and what stopped it')
    .option('--schema', 'print what a problem file may say, as JSON Schema')
    .option('--repeat <n>', 'solve it so many times more, and say on stderr how long that took', wholeNumber)
    .action(async (file: string | undefined, o: Omit<AllocateOptions, 'file'>) => {
      const { runAllocate } = await import('./planning/allocate.js')
      done(await runAllocate({ ...(file === undefined ? {} : { file }), ...o }, io))
    })

  program
    .command('explain')
    .description('why an institution gets what it gets')
    .argument('<institution>', 'its id, or part of its name')
    .option('--service <id>', 'only this service')
    .addOption(new Option('--direction <direction>', 'only this direction').choices(['down', 'up']))
    .option('--at <time>', 'of the past: "10 minutes ago", "yesterday 14:00", "2026-03-02 10:05" (the plane\'s time)')
    .addOption(new Option('--lang <language>', 'default: that of LANG').choices(['en', 'sw']))
    .option('--json', 'print JSON', false)
    .action(async (institution: string, o: ExplainOptions) => {
      const settings = asked()
      const { runExplain } = await import('./client/explain.js')
      done(await runExplain({ institution, ...o, settings }, io))
    })

  program
    .command('history')
    .description('what was measured before Mizani came')
    .command('import')
    .description('take in what LibreNMS, Zabbix or Cacti kept')
    .argument('<file>', 'CSV with time, link or site, direction, bit/s')
    .option('--config <file>', 'settings file')
    .option('--json', 'print JSON', false)
    .action(async (file: string, o: { config?: string; json: boolean }) => {
      const settings = settingsOf(io, {}, o.config)
      const { runHistoryImport } = await import('./client/history-import.js')
      done(await runHistoryImport({ file, json: o.json, settings }, io))
    })

  program
    .command('whois')
    .description('whose address this is')
    .argument('<address>', 'IPv4 or IPv6')
    .option('--json', 'print JSON', false)
    .action(async (address: string, o: { json: boolean }) => {
      const settings = asked()
      const { runWhois } = await import('./client/whois.js')
      done(await runWhois({ address, ...o, settings }, io))
    })

  program
    .command('adopt')
    .description('propose sites from what a router is configured with; applies nothing')
    .argument('<file>', 'its export')
    .addOption(
      new Option('--from <form>', 'what wrote it').choices(['routeros', 'ios-xe', 'csv']).makeOptionMandatory(),
    )
    .option('--edge <id>', 'the edge that the sites will be behind')
    .option('--plane <dir>', 'folder of the plane whose institutions are meant')
    .option('--json', 'print JSON', false)
    .action(async (file: string, o: { from: AdoptFrom; edge?: string; plane?: string; json: boolean }) => {
      const { plane } = settingsOf(io, { plane: o.plane })
      const { runAdopt } = await import('./policy/import/adopt.js')
      done(await runAdopt({ file, ...o, edge: o.edge ?? null, plane }, io))
    })

  program
    .command('simulate')
    .description('play a scenario: who falls below guarantee, for how long, and why')
    .argument('[scenario]', 'scenario file (YAML)')
    .option('--schema', 'print what a scenario file may say, as JSON Schema', false)
    .option('--out <dir>', 'write the report as CSV and JSON into this folder')
    .option('--seed <n>', 'another run of chance', wholeNumber)
    .option('--workers <n>', 'threads', wholeNumber)
    .option('--record <dir>', 'folder of the record, for recorded demand; absent: that of the data folder')
    .option('--json', 'print JSON', false)
    .action(async (scenario: string | undefined, o: Omit<SimulateArgs, 'scenario'>) => {
      const { runSimulate } = await import('./planning/simulate.js')
      await runSimulate({ ...(scenario === undefined ? {} : { scenario }), ...o }, io)
    })
}

function addBackup(program: Command, io: Io, done: Done): void {
  program
    .command('backup')
    .description('the durable store (policy, accounts, audit, webhooks, ledger) as a file; without history and alarms')
    .argument('<file>', 'written anew')
    .action(async (file: string) => {
      const { runBackup } = await import('./process/backup.js')
      await runBackup({ file, settings: settingsOf(io) }, io)
    })
  program
    .command('restore')
    .description('make the durable store what a backup says; controllers are to be stopped')
    .argument('<file>', 'from `mizani backup`')
    .option('--force', 'replace what the store holds', false)
    .action(async (file: string, { force }: { force: boolean }) => {
      const { runRestore } = await import('./process/backup.js')
      await runRestore({ file, force, settings: settingsOf(io) }, io)
    })
  program
    .command('doctor')
    .description('can a controller run here, and does the one that runs do its work? Changes nothing')
    .option('--config <file>', 'settings file')
    .option('--json', 'print JSON', false)
    .action(async (o: { config?: string; json: boolean }) => {
      const { runDoctor } = await import('./process/doctor.js')
      done(await runDoctor({ settings: settingsOf(io, {}, o.config), json: o.json }, io))
    })
}

function addPolicy(program: Command, io: Io, asked: () => Settings, done: Done): Command {
  const policy = program.command('policy').description('the policy of a plane, as files')
  policy
    .command('validate')
    .description('check a folder: every fault at once, with file and line; then its tests')
    .argument('<dir>', 'folder of the plane')
    .option('--json', 'print JSON', false)
    .action(async (directory: string, o: { json: boolean }) => {
      const [{ runPolicyValidate }, { runTests }] = await Promise.all([
        import('./client/policy.js'),
        import('./planning/policy-tests.js'),
      ])
      done(await runPolicyValidate({ directory, ...o, runTests }, io))
    })
  policy
    .command('apply')
    .description('make a folder the next revision, if nobody else made one meanwhile')
    .argument('<dir>', 'folder of the plane')
    .option('--reason <text>', 'kept with the revision')
    .option('--reference <text>', 'ticket or contract')
    .option('--expect <n>', 'the revision this change was made on', wholeNumber)
    .option(...CONFIRM_WITHIN)
    .option('--break-glass', 'past approval and tests, to be signed by an approver afterwards', false)
    .option('--json', 'print JSON', false)
    .action(async (directory: string, o: Omit<ApplyOptions, 'directory' | 'settings'>) => {
      const settings = asked()
      const { runPolicyApply } = await import('./client/policy.js')
      await runPolicyApply({ directory, ...o, settings }, io)
    })
  policy
    .command('get')
    .description('print the policy in force, or write it as files')
    .option('--out <dir>', 'write files into this folder')
    .option('--revision <n>', 'an old one, as it was', wholeNumber)
    .option('--json', 'print JSON', false)
    .action(async (o: { out?: string; revision?: number; json: boolean }) => {
      const settings = asked()
      const { runPolicyGet } = await import('./client/policy.js')
      await runPolicyGet({ ...o, settings }, io)
    })
  program
    .command('roles')
    .description(`what each role may do: ${ROLES.join(', ')}`)
    .addArgument(new Argument('[role]', 'only this one').choices(ROLES))
    .option('--json', 'print JSON', false)
    .action(async (role: Role | undefined, o: { json: boolean }) => {
      const { runRoles } = await import('./client/roles.js')
      await runRoles({ ...(role === undefined ? {} : { role }), ...o }, io)
    })
  program
    .command('explain-settings')
    .description('every setting of a process: file key, variable, default, meaning')
    .option('--json', 'print JSON Schema', false)
    .action(async (o: { json: boolean }) => {
      const { runExplainSettings } = await import('./runtime/explain-settings.js')
      await runExplainSettings(o, io)
    })
  program
    .command('explain-policy')
    .description('what a policy may say: its parts; with a part (guards, modes, tiers, …) its fields and an example')
    .argument('[part]', 'such as guards, or guards.touches')
    .option('--json', 'print JSON Schema', false)
    .action(async (part: string | undefined, o: { json: boolean }) => {
      const { runExplainPolicy } = await import('./policy/files/explain-command.js')
      await runExplainPolicy({ part, ...o }, io)
    })
  return policy
}

/** Commander sets `demo` to true where --no-demo is absent; only its presence outranks the settings below. */
function serverFlags({ id, plane, port, demo }: SettingsOptions): Flags {
  return { id, plane, http: port === undefined ? undefined : { port }, demo: demo === false ? false : undefined }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.')
  return Number(text)
}

/** Runs one command line as this process. */
export const runProcess = (args: readonly string[]): Promise<void> => runHere(args, main)

/** Whether this file is what node was started with, be it through a link in some bin folder. */
function isEntry(): boolean {
  try {
    return realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)
  } catch {
    return false
  }
}

if (isEntry()) await runProcess(process.argv.slice(2))
