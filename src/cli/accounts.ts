// The commands about people, their sessions, second factors and tokens: a part of cli.ts, under the same rules.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../model/duration.js'
import { READ_WITHIN, type Reads, ROLES, type Role, type Scope } from '../model/principal.js'
import { parseRate } from '../model/units.js'
import { systemClock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import type { Io } from '../runtime/io.js'

interface ScopeOptions {
  readonly institutions?: string[]
  readonly categories?: string[]
  readonly regions?: string[]
  readonly envelopes?: string[]
  readonly most?: number
  readonly tiers?: string[]
  readonly guarantee?: number
  readonly ceiling?: number
  readonly reads?: Reads
}

export function addPeople(program: Command, io: Io, settings: () => Settings): void {
  const user = program.command('user').description('accounts of people and services')
  withScope(user.command('add').description('a new account; its password is shown once'))
    .argument('<id>', 'small letters, digits, dots and hyphens')
    .requiredOption('--roles <list>', `of ${ROLES.join(', ')}`, rolesOf)
    .option('--name <text>', 'full name')
    .option('--service', 'acts by tokens alone, without a password', false)
    .option('--password-file <file>', 'its first password, from a file of mode 0600')
    .option('--json', 'print JSON', false)
    .action(async (id: string, o: NewUserOptions) => {
      const { runUserAdd } = await import('../client/accounts.js')
      const { roles, name, service, passwordFile, json } = o
      const scope = scopeOf(o)
      await runUserAdd({ id, roles, name, service, passwordFile, json, scope, settings: settings() }, io)
    })
  withScope(user.command('set').description('change roles or scope; without a scope: everything'))
    .argument('<id>', 'account')
    .option('--roles <list>', `of ${ROLES.join(', ')}`, rolesOf)
    .option('--everywhere', 'take the scope away', false)
    .option('--json', 'print JSON', false)
    .action(async (id: string, o: ScopeOptions & { roles?: Role[]; everywhere: boolean; json: boolean }) => {
      const { runUserChange } = await import('../client/accounts.js')
      const scope = o.everywhere ? null : scopeOf(o)
      const change = {
        ...(o.roles === undefined ? {} : { roles: o.roles }),
        ...(scope === null && !o.everywhere ? {} : { scope }),
      }
      await runUserChange({ id, change, json: o.json, settings: settings() }, io)
    })
  user
    .command('show')
    .description('one account')
    .argument('<id>', 'account')
    .option('--json', 'print JSON', false)
    .action(async (id: string, { json }: { json: boolean }) => {
      const { runUserShow } = await import('../client/accounts.js')
      await runUserShow({ id, json, settings: settings() }, io)
    })
  addToOne(user, io, settings)
  addTokens(program, io, settings)
}

/** What is done with an account that there is. */
function addToOne(user: Command, io: Io, settings: () => Settings): void {
  user
    .command('password')
    .description('a new password for who has forgotten it: shown once; its sessions end')
    .argument('<id>', 'account')
    .option('--password-file <file>', 'the new one, from a file of mode 0600')
    .option('--json', 'print JSON', false)
    .action(async (id: string, o: { passwordFile?: string; json: boolean }) => {
      const { runUserPassword } = await import('../client/accounts.js')
      await runUserPassword({ id, ...o, settings: settings() }, io)
    })
  user
    .command('vouch')
    .description('an approver answers for another: the account is in the hands of whom it is named after')
    .argument('<id>', 'account')
    .option('--json', 'print JSON', false)
    .action(async (id: string, { json }: { json: boolean }) => {
      const { runUserVouch } = await import('../client/accounts.js')
      await runUserVouch({ id, json, settings: settings() }, io)
    })
  for (const verb of ['disable', 'enable'] as const) {
    const ends = 'end its sessions and tokens, and list what it leaves behind'
    user
      .command(verb)
      .description(verb === 'disable' ? ends : 'let it in again')
      .argument('<id>', 'account')
      .option('--json', 'print JSON', false)
      .action(async (id: string, { json }: { json: boolean }) => {
        const { runUserChange } = await import('../client/accounts.js')
        await runUserChange({ id, change: { disabled: verb === 'disable' }, json, settings: settings() }, io)
      })
  }
  user
    .command('list')
    .description('who has one')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      const { runUserList } = await import('../client/accounts.js')
      await runUserList({ json, settings: settings() }, io)
    })
}

interface NewUserOptions extends ScopeOptions {
  readonly roles: Role[]
  readonly name?: string
  readonly service: boolean
  readonly passwordFile?: string
  readonly json: boolean
}

function addTokens(program: Command, io: Io, settings: () => Settings): void {
  const token = program.command('token').description('tokens for scripts and systems')
  withScope(
    token.command('add').description('make a token of your own account (--as ACCOUNT) or of a service; shown once'),
  )
    .option('--user <id>', 'the service that it acts for; unless said your own account')
    .requiredOption('--name <text>', 'what it is for')
    .requiredOption('--roles <list>', 'of the roles that the account has', rolesOf)
    .option('--days <n>', 'until it ends', days, 90)
    .option('--json', 'print JSON', false)
    .action(async (o: ScopeOptions & { user?: string; name: string; roles: Role[]; days: number; json: boolean }) => {
      const { runTokenAdd } = await import('../client/accounts.js')
      const { user, name, roles, days, json } = o
      const wanted = { user, name, roles, days, json, scope: scopeOf(o) }
      await runTokenAdd({ ...wanted, now: systemClock.wall(), settings: settings() }, io)
    })
  token
    .command('list')
    .description("without themselves: your own; for an administrator everybody's")
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      const { runTokenList } = await import('../client/accounts.js')
      await runTokenList({ json, settings: settings() }, io)
    })
  token
    .command('remove')
    .description('end it at once')
    .argument('<id>', 'as `token list` shows it')
    .action(async (id: string) => {
      const { runTokenRemove } = await import('../client/accounts.js')
      await runTokenRemove({ id, settings: settings() }, io)
    })
}

export function addSessions(program: Command, io: Io, settings: () => Settings): void {
  program
    .command('password')
    .description('choose your own: mizani password --as ACCOUNT; asks for the present and the new one')
    .option('--password-file <file>', 'the new one, from a file of mode 0600')
    .action(async ({ passwordFile }: { passwordFile?: string }) => {
      const { runOwnPassword } = await import('../client/accounts.js')
      await runOwnPassword({ passwordFile, settings: settings() }, io)
    })
  addEmergency(program, io, settings)
  addFactors(program, io, settings)
  const session = program.command('session').description('who is signed in; ends what was lost or lent')
  session
    .command('list')
    .description("the own ones; for an administrator everybody's")
    .option('--user <id>', 'of this account only')
    .option('--json', 'print JSON', false)
    .action(async ({ user, json }: { user?: string; json: boolean }) => {
      const { runSessionList } = await import('../client/accounts.js')
      await runSessionList({ user, json, settings: settings() }, io)
    })
  session
    .command('end')
    .description('end it at once')
    .argument('<id>', 'as `session list` shows it')
    .action(async (id: string) => {
      const { runSessionEnd } = await import('../client/accounts.js')
      await runSessionEnd({ id, settings: settings() }, io)
    })
}

function addEmergency(program: Command, io: Io, settings: () => Settings): void {
  const emergency = program.command('emergency').description('the one account for the day nobody else gets in')
  emergency
    .command('sign')
    .description('an approver knows who used it, and why: the alarm ends (--as ACCOUNT)')
    .action(async () => {
      const { runEmergencySign } = await import('../client/factors.js')
      await runEmergencySign({ settings: settings() }, io)
    })
  emergency
    .command('seal')
    .description('make it, or seal it anew: prints its password once, for an envelope')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      const { runEmergencySeal } = await import('../client/factors.js')
      await runEmergencySeal({ json, settings: settings() }, io)
    })
}

function addFactors(program: Command, io: Io, settings: () => Settings): void {
  const factor = program.command('factor').description('second factors: mizani factor add --as ACCOUNT')
  factor
    .command('add')
    .description('enrol an authenticator (TOTP): prints what it takes, and asks for its first code')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      const { runFactorAdd } = await import('../client/factors.js')
      await runFactorAdd({ json, settings: settings() }, io)
    })
  factor
    .command('list')
    .description('the own ones, and how many codes are left for the day they are lost')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      const { runFactorList } = await import('../client/factors.js')
      await runFactorList({ json, settings: settings() }, io)
    })
  factor
    .command('remove')
    .description('an own one')
    .argument('<id>', 'as `factor list` shows it')
    .action(async (id: string) => {
      const { runFactorRemove } = await import('../client/factors.js')
      await runFactorRemove({ id, json: false, settings: settings() }, io)
    })
  factor
    .command('reset')
    .description('take them from somebody who has lost them; the person enrols anew, and an approver vouches')
    .argument('<account>', 'whose')
    .option('--json', 'print JSON', false)
    .action(async (id: string, { json }: { json: boolean }) => {
      const { runFactorReset } = await import('../client/factors.js')
      await runFactorReset({ id, json, settings: settings() }, io)
    })
}

const withScope = (command: Command): Command =>
  command
    .option('--institutions <list>', 'only these institutions; a member speaks for one', idsOf)
    .option('--categories <list>', 'only institutions of these categories', idsOf)
    .option('--regions <list>', 'only in these regions', idsOf)
    .option('--envelopes <list>', 'only below these envelopes', idsOf)
    .option('--most <n>', 'so many institutions in it at most; unless said: as many as there are', wholeNumber)
    .option('--tiers <list>', 'tiers that may be given in it; unless said: those that it has', idsOf)
    .option('--guarantee <rate>', 'what they may be promised in sum, such as 2Gbps; unless said: as now', rateOf)
    .option('--ceiling <rate>', 'their ceilings in sum; unless said: as now', rateOf)
    .addOption(new Option('--reads <what>', 'scope: sees no other institutions; unless said: all').choices(READ_WITHIN))

function scopeOf(o: ScopeOptions): Scope | null {
  const { institutions, categories, regions, envelopes, most, tiers, guarantee, ceiling, reads } = o
  const within = { institutions, categories, regions, envelopes }
  if (Object.values(within).every((ids) => ids === undefined)) return null
  return { ...within, budget: { institutions: most, tiers, guarantee, ceiling }, reads }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.')
  return Number(text)
}

function rateOf(text: string): number {
  const rate = parseRate(text)
  if (rate === undefined) throw new InvalidArgumentError(`"${text}" is no rate such as 2Gbps.`)
  return rate
}

const idsOf = (text: string): string[] => text.split(',').map((id) => id.trim())

function rolesOf(text: string): Role[] {
  return idsOf(text).map((word) => {
    const role = ROLES.find((known) => known === word)
    if (role === undefined) throw new InvalidArgumentError(`"${word}" is none of ${ROLES.join(', ')}.`)
    return role
  })
}

function days(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : (parseDuration(text) ?? 0) / 86_400_000
  if (!(count > 0 && count <= 366)) throw new InvalidArgumentError('Expected 1 to 366 days, such as 90 or 90d.')
  return count
}
