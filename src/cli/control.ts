// The commands of policy control: a part of cli.ts, under the same rules.

import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import type { InForceOptions } from '../client/in-force.js'
import type { ModeOptions, OverrideOptions } from '../client/policy-control.js'
import type { PartChange } from '../client/policy-part.js'
import type { ProposalOptions } from '../client/proposals.js'
import type { ImportOptions } from '../client/sheets.js'
import { IN_FORCE_KINDS } from '../model/in-force.js'
import type { ImportKind } from '../policy/import/columns.js'
import { PROPOSAL_STATES } from '../policy/revisions/proposal.js'
import type { Settings } from '../runtime/config.js'
import { secondsOf } from '../runtime/duration.js'
import type { Io } from '../runtime/io.js'

interface Json {
  readonly json: boolean
}
type Because = Json & { readonly reason?: string }

const load = () => import('../client/policy-control.js')
const REASON = ['--reason <text>', 'kept with it'] as const
const CEILING = [
  '--ceiling <service=rate...>',
  'such as internet=300Mbps, or internet=300Mbps/150Mbps (down/up)',
] as const
/** Of whatever becomes a revision. */
export const CONFIRM_WITHIN = [
  '--confirm-within <time>',
  'undone after so long (such as 10m) unless it is confirmed; 0: stays at once',
  secondsOf,
] as const

/** @param policy the command `mizani policy` */
export function addPolicyControl(program: Command, policy: Command, io: Io, settings: () => Settings): void {
  policy
    .command('preview')
    .description('who would lose and who would gain if this folder became the policy; nothing is kept')
    .argument('<dir>', 'folder of the plane')
    .option('--json', 'print JSON', false)
    .action(async (directory: string, o: Json) =>
      (await load()).runPolicyPreview({ directory, ...o, settings: settings() }, io),
    )
  policy
    .command('history')
    .description('revisions, the newest first')
    .option('--most <n>', 'so many', revision, 20)
    .option('--unsigned', 'those that went past approval and wait for a signature', false)
    .option('--json', 'print JSON', false)
    .action(async (o: Json & { most: number; unsigned: boolean }) =>
      (await load()).runPolicyHistory({ ...o, settings: settings() }, io),
    )
  policy
    .command('diff')
    .description('what a revision changed')
    .argument('<n>', 'revision', revision)
    .option('--against <n>', 'another one than its parent', revision)
    .option('--json', 'print JSON', false)
    .action(async (n: number, o: Json & { against?: number }) =>
      (await load()).runPolicyDiff({ revision: n, ...o, settings: settings() }, io),
    )
  policy
    .command('rollback')
    .description('a new revision that says what an old one said')
    .argument('<n>', 'revision', revision)
    .option(...REASON)
    .option('--json', 'print JSON', false)
    .action(async (n: number, o: Because) =>
      (await load()).runPolicyRollback({ revision: n, ...o, settings: settings() }, io),
    )
  policy
    .command('confirm')
    .description('a revision that waits for confirmation stays')
    .argument('<n>', 'revision', revision)
    .option('--json', 'print JSON', false)
    .action(async (n: number, o: Json) =>
      (await load()).runPolicyConfirm({ revision: n, ...o, settings: settings() }, io),
    )
  policy
    .command('sign')
    .description('an approver signs what was made past approval and tests (`policy apply --break-glass`)')
    .argument('<n>', 'revision', revision)
    .option('--json', 'print JSON', false)
    .action(async (n: number, o: Json) => (await load()).runPolicySign({ revision: n, ...o, settings: settings() }, io))
  addStore(policy, io, settings)
  program
    .command('what-if')
    .description('another tier or other ceilings for an institution: who would have what then; nothing is kept')
    .argument('<institution>', 'its id, or words of its name')
    .option('--tier <id>', 'another tier')
    .option(...CEILING)
    .option('--json', 'print JSON', false)
    .action(async (institution: string, o: Json & { tier?: string; ceiling?: string[] }) =>
      (await load()).runWhatIf({ institution, ...o, settings: settings() }, io),
    )
  addParts(policy, io, settings)
  addSheets(policy, io, settings)
  addProposals(program, io, settings)
  addOverrides(program, io, settings)
  addModes(program, io, settings)
  addInForce(program, io, settings)
}

/** Where the policy store has lost something: what goes on. */
function addStore(policy: Command, io: Io, settings: () => Settings): void {
  const store = policy.command('store').description('where the policy store has lost something: what goes on')
  for (const [decision, does] of [
    ['keep', 'what is known at the controller goes on, and is written into the store'],
    ['take', 'what the store holds goes on; what it has lost is over'],
  ] as const)
    store
      .command(decision)
      .description(does)
      .requiredOption(...REASON)
      .option('--json', 'print JSON', false)
      .action(async (o: Json & { reason: string }) =>
        (await load()).runPolicyStore({ decision, ...o, settings: settings() }, io),
      )
}

/** One part of the policy at a time: whoever edits another part meanwhile is in nobody's way. */
function addParts(policy: Command, io: Io, settings: () => Settings): void {
  const load = () => import('../client/policy-part.js')
  type Change = Omit<PartChange, 'collection' | 'id' | 'file' | 'settings'>
  const part = policy.command('part').description('one part of the policy: an institution, a tier, a test ...')
  const named = (command: Command): Command =>
    command.argument('<collection>', 'such as institutions').argument('<id>', 'such as hosp-mnh-upanga')
  named(part.command('get').description('print it')).action(async (collection: string, id: string) =>
    (await load()).runPartGet({ collection, id, settings: settings() }, io),
  )
  const changing = (command: Command): Command =>
    command
      .requiredOption(...REASON)
      .option('--reference <text>', 'ticket or contract')
      .option(...CONFIRM_WITHIN)
      .option('--dry-run', 'only say what would become of it', false)
      .option('--json', 'print JSON', false)
  changing(
    named(part.command('set').description('make it, or replace it')).argument(
      '<file>',
      'JSON or YAML; "-": standard input',
    ),
  ).action(async (collection: string, id: string, file: string, o: Change) =>
    (await load()).runPartSet({ collection, id, file, ...o, settings: settings() }, io),
  )
  changing(named(part.command('remove').description('take it out'))).action(
    async (collection: string, id: string, o: Change) =>
      (await load()).runPartSet({ collection, id, file: null, ...o, settings: settings() }, io),
  )
}

const SHEETS = ['institutions', 'sites', 'contracts', 'agreements'] as const

/** NAME=VALUE, again and again. The name may have any sign but this one. */
function pair(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.lastIndexOf('=')
  if (at <= 0) throw new InvalidArgumentError('Expected NAME=VALUE.')
  return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1).trim() }
}

function addSheets(policy: Command, io: Io, settings: () => Settings): void {
  const kind = ['<what>', 'institutions, sites, contracts or agreements'] as const
  policy
    .command('import')
    .description('a sheet (CSV) becomes one revision: every row or none, and nothing is deleted without --prune')
    .addArgument(new Argument(...kind).choices(SHEETS))
    .argument('<file>', 'comma, semicolon or tab; UTF-8 or Windows-1252')
    .option('--dry-run', 'only say what is new, changed, the same and missing', false)
    .option('--column <header=column>', 'what a column means; "-" leaves it out; remembered', pair)
    .option('--same <name=id>', 'who is meant by a name that was asked about; remembered', pair)
    .option('--default <column=value>', 'for rows where it is empty', pair)
    .option('--prune', 'what is not in the sheet goes', false)
    .option('--propose', 'for a second person to agree to', false)
    .option(...REASON)
    .option(...CONFIRM_WITHIN)
    .option('--json', 'print JSON', false)
    .action(async (what: ImportKind, file: string, o: Omit<ImportOptions, 'settings' | 'what' | 'file'>) =>
      (await import('../client/sheets.js')).runPolicyImport({ what, file, ...o, settings: settings() }, io),
    )
  policy
    .command('export')
    .description(
      'institutions, sites, contracts or agreements as a sheet that Excel opens and that can be imported again',
    )
    .addArgument(new Argument(...kind).choices(SHEETS))
    .option('--out <file>', 'write it here')
    .action(async (what: ImportKind, o: { out?: string }) =>
      (await import('../client/sheets.js')).runPolicyExport({ what, ...o, settings: settings() }, io),
    )
}

function addProposals(program: Command, io: Io, settings: () => Settings): void {
  const load = () => import('../client/proposals.js')
  const proposal = program.command('proposal').description('changes that wait for a second person, or for an hour')
  const json = ['--json', 'print JSON', false] as const
  proposal
    .command('add')
    .description('propose what a folder changes in the policy in force')
    .argument('<dir>', 'folder of the plane')
    .requiredOption(...REASON)
    .option('--reference <text>', 'ticket or contract')
    .option('--at <time>', 'made by itself then: "22:00", "tomorrow 06:00", "2026-03-02 22:00" (the plane\'s time)')
    .option(...json)
    .action(async (directory: string, o: Omit<ProposalOptions, 'settings' | 'directory'>) =>
      (await load()).runProposalAdd({ directory, ...o, settings: settings() }, io),
    )
  proposal
    .command('list')
    .description('those made in the last 30 days, and whatever waits; the newest first')
    .addOption(new Option('--state <state>', 'only these').choices(PROPOSAL_STATES))
    .option(...json)
    .action(async (o: Json & { state?: (typeof PROPOSAL_STATES)[number] }) =>
      (await load()).runProposalList({ ...o, settings: settings() }, io),
    )
  proposal
    .command('show')
    .description('what an approver reads: who wants what and why, and who loses by it, whole')
    .argument('<id>', 'of the proposal')
    .option('--all', 'every institution that loses, however many', false)
    .option(...json)
    .action(async (id: string, o: Json & { all: boolean }) =>
      (await load()).runProposalShow({ id, ...o, settings: settings() }, io),
    )
  proposal
    .command('replay')
    .description('the change on what was recorded: who would have lost, and for how long')
    .argument('<id>', 'of the proposal')
    .option('--days <n>', 'so many back from now (30)', Number)
    .option(...json)
    .action(async (id: string, o: Json & { days?: number }) =>
      (await load()).runProposalReplay({ id, ...o, settings: settings() }, io),
    )
  proposal
    .command('approve')
    .description('read the change of somebody else and agree to it, with a token of your own')
    .argument('<id>', 'of the proposal')
    .option(...json)
    .action(async (id: string, o: Json) => (await load()).runProposalApprove({ id, ...o, settings: settings() }, io))
  proposal
    .command('reject')
    .description('refuse a change, or take back one of your own')
    .argument('<id>', 'of the proposal')
    .requiredOption(...REASON)
    .option(...json)
    .action(async (id: string, o: Json & { reason: string }) =>
      (await load()).runProposalReject({ id, ...o, settings: settings() }, io),
    )
  proposal
    .command('commit')
    .description('make an approved change the next revision')
    .argument('<id>', 'of the proposal')
    .option(...CONFIRM_WITHIN)
    .option('--now', 'before the hour it was approved for; needs --reason', false)
    .option('--reason <text>', 'why it cannot wait for its hour')
    .option(...json)
    .action(async (id: string, o: Json & { confirmWithin?: number; now: boolean; reason?: string }) =>
      (await load()).runProposalCommit({ id, ...o, settings: settings() }, io),
    )
}

function addOverrides(program: Command, io: Io, settings: () => Settings): void {
  const override = program.command('override').description('changes in force for a while')
  override
    .command('add')
    .description('put a change in force for a while')
    .requiredOption(
      '--on <subject=id>',
      'institution=ID or =WHOLE NAME, or the id of a category, region, tier, envelope, link',
    )
    .requiredOption('--for <duration>', 'such as 90m, 1h30m, "8 hours", 3d')
    .requiredOption(...REASON)
    .option('--tier <id>', 'another tier')
    .option(...CEILING)
    .option('--factor <part>', 'of a link: what is left of its capacity')
    .option('--reference <text>', 'ticket or contract')
    .option('--owner <account>', 'who answers for it')
    .option('--json', 'print JSON', false)
    .action(async (o: Omit<OverrideOptions, 'settings'>) =>
      (await load()).runOverrideAdd({ ...o, settings: settings() }, io),
    )
  override
    .command('list')
    .description('what is in force, planned, or ended in the last 30 days')
    .option('--json', 'print JSON', false)
    .action(async (o: Json) => (await load()).runOverrideList({ ...o, settings: settings() }, io))
  override
    .command('end')
    .description('end an override now')
    .argument('<id>', 'of the override')
    .option(...REASON)
    .option('--json', 'print JSON', false)
    .action(async (id: string, o: Because) => (await load()).runOverrideEnd({ id, ...o, settings: settings() }, io))
}

function addModes(program: Command, io: Io, settings: () => Settings): void {
  const mode = program.command('mode').description('prepared sets of changes')
  mode
    .command('list')
    .description('what the policy has prepared, and whether it is on')
    .option('--json', 'print JSON', false)
    .action(async (o: Json) => (await load()).runModeList({ ...o, settings: settings() }, io))
  type Switch = Omit<ModeOptions, 'id' | 'settings'>
  mode
    .command('on')
    .description('switch a mode on: for as long as the policy allows, or shorter')
    .argument('<id>', 'of the mode')
    .requiredOption(...REASON)
    .option('--for <time>', 'such as 90m, 8h')
    .option('--until <time>', 'instead of --for, such as 2026-03-02T22:00:00+03:00')
    .option('--json', 'print JSON', false)
    .action(async (id: string, o: Switch) => (await load()).runModeOn({ id, ...o, settings: settings() }, io))
  mode
    .command('off')
    .description('switch a mode off')
    .argument('<id>', 'of the mode')
    .requiredOption(...REASON)
    .option('--json', 'print JSON', false)
    .action(async (id: string, o: Switch) => (await load()).runModeOff({ id, ...o, settings: settings() }, io))
  program
    .command('freeze')
    .description('nothing about the policy changes until it is unfrozen; what is in force can still be taken back')
    .requiredOption(...REASON)
    .option('--json', 'print JSON', false)
    .action(async (o: Json & { reason: string }) => (await load()).runFreeze({ ...o, settings: settings() }, io))
  program
    .command('unfreeze')
    .description('end a freeze')
    .option('--json', 'print JSON', false)
    .action(async (o: Json) => (await load()).runFreeze({ ...o, settings: settings() }, io))
}

function addInForce(program: Command, io: Io, settings: () => Settings): void {
  program
    .command('in-force')
    .description(
      'what is in force now: policy, schedules, modes, overrides, freeze, links, edges; whose, and until when',
    )
    .addOption(new Option('--kind <kind>', 'only these').choices(IN_FORCE_KINDS))
    .option('--json', 'print JSON', false)
    .action(async (o: Omit<InForceOptions, 'settings'>) =>
      (await import('../client/in-force.js')).runInForce({ ...o, settings: settings() }, io),
    )
}

function revision(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.')
  return Number(text)
}
