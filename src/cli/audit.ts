// The commands about the audit and the accounts of edges: a part of cli.ts, under the same rules.

import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AuditFilter } from '../client/audit.js'
import type { AuditVerify } from '../client/audit-proof.js'
import { EDGE_WAYS, type EdgeWay } from '../model/edge-account.js'
import { OUTCOMES } from '../model/happening.js'
import type { Settings } from '../runtime/config.js'
import type { Io } from '../runtime/io.js'

export function addAudit(program: Command, io: Io, settings: () => Settings, done: (exitCode: number) => void): void {
  const audit = program.command('audit').description('who did what: the hash-chained trail of every change')
  audit
    .command('verify')
    .description('does the trail hold? Exit 1: it was changed')
    .option('--file <export>', 'prove an export, without any controller')
    .option('--anchors <file>', 'by what was told to the outside meanwhile: audit.anchorFile, or what syslog kept')
    .option('--key <public...>', 'only these keys may have signed; `audit key` prints one')
    .option('--json', 'print JSON', false)
    .action(async (o: Omit<AuditVerify, 'settings'>) => {
      const { runAuditVerify } = await import('../client/audit-proof.js')
      done(await runAuditVerify({ ...o, settings: settings() }, io))
    })
  audit
    .command('list')
    .description('who did what, the newest first')
    .option('--actor <account>', 'only what this one did')
    .option('--action <text>', 'part of it, such as PUT or /v1/users')
    .option('--subject <id>', 'only what was done to this institution, site, link, edge or other id')
    .addOption(new Option('--outcome <outcome>', 'only these').choices(OUTCOMES))
    .option('--since <time>', 'such as 2026-03-02T08:00:00+03:00')
    .option('--until <time>', 'likewise')
    .option('--alone', 'only changes that one person made, to which nobody else agreed', false)
    .option('--text <text>', 'anywhere in the entry')
    .option('--most <n>', 'so many', most, 50)
    .option('--json', 'print JSON', false)
    .action(async (o: Omit<AuditFilter, 'settings'>) => {
      const { runAuditList } = await import('../client/audit.js')
      await runAuditList({ ...o, settings: settings() }, io)
    })
  audit
    .command('export')
    .description('take the trail away as a file, proving it on the way')
    .argument('<file>', 'that does not exist yet')
    .option('--trim <reason>', 'then ask to cut off in the store what is in the file; an approver agrees')
    .action(async (file: string, o: { trim?: string }) => {
      const { runAuditExport } = await import('../client/audit-proof.js')
      await runAuditExport({ file, ...o, settings: settings() }, io)
    })
  audit
    .command('agree')
    .description('as an approver: cut off what somebody else has exported')
    .action(async () => {
      const { runAuditAgree } = await import('../client/audit-proof.js')
      await runAuditAgree({ settings: settings() }, io)
    })
  audit
    .command('purge')
    .description(
      'what releases before have left in the trail and is not fit for it: says what to rotate, and takes it out',
    )
    .option('--reason <text>', 'take it out, in person (--as ACCOUNT); without: only list it')
    .option('--json', 'print JSON', false)
    .action(async (o: { reason?: string; json: boolean }) => {
      const { runAuditPurge } = await import('../client/audit.js')
      await runAuditPurge({ ...o, settings: settings() }, io)
    })
  audit
    .command('key')
    .description('the public key with which this controller signs; at the controller itself')
    .option('--new', 'sign with a new one from now on', false)
    .action(async (o: { new: boolean }) => {
      const { runAuditKey } = await import('../process/audit-key.js')
      runAuditKey({ ...o, settings: settings() }, io)
    })
}

export function addEdgeAccounts(
  program: Command,
  io: Io,
  settings: () => Settings,
  done: (exitCode: number) => void,
): void {
  const edgeUser = program.command('edge-user').description('accounts of edges: add prints one line for the gateway')
  const about = {
    add: 'a new account',
    rotate: 'end the secrets in use, sessions included, and invite anew',
    replace: 'let another gateway with the same account take the place of the one that holds the edge',
    remove: 'end the account and its sessions',
    list: 'who has one',
    check: 'whether all nodes of the store agree',
  } as const
  for (const action of ['add', 'rotate', 'replace', 'remove', 'list', 'check'] as const) {
    const command = edgeUser.command(action).description(about[action]).option('--json', 'print JSON', false)
    const one = action !== 'list' && action !== 'check'
    if (one) command.argument('<edge>', "the edge's id in the plane")
    if (action === 'add')
      command.addOption(
        new Option('--over <way>', 'how its rates come (default: redis where it can)').choices(EDGE_WAYS),
      )
    command.action(async (...args: unknown[]) => {
      const { runEdgeUser } = await import('../client/edge-accounts.js')
      const [edge] = one ? (args as [string]) : ['']
      const options = command.opts<{ json: boolean; over?: EdgeWay }>()
      done(await runEdgeUser({ action, edge, ...options, settings: settings() }, io))
    })
  }
  edgeUser
    .command('new-keys')
    .description('a new generation of the keys that rates and reports are signed with; at the controller itself')
    .option('--now', 'announce it at once and not in an hour: where the old ones are lost', false)
    .action(async ({ now }: { now: boolean }) => {
      const { runNewKeys } = await import('../process/edge-keys.js')
      runNewKeys({ now, settings: settings() }, io)
    })
  program
    .command('sealing-key')
    .description('what the secrets of webhooks and authenticators are sealed with')
    .command('new')
    .description('another one for a plane that has lost it; at a controller, while all are stopped')
    .action(async () => {
      const { runNewSealingKey } = await import('../process/sealing-key.js')
      await runNewSealingKey({ settings: settings() }, io)
    })
}

function most(text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (count < 1) throw new InvalidArgumentError('Expected a whole number from 1 on.')
  return count
}
