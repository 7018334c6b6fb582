// The commands about contracts, months and money: a part of cli.ts, under the same rules.

import { type Command, InvalidArgumentError, Option } from 'commander'
import type { StatementAsked } from '../client/ledger.js'
import type { Settings } from '../runtime/config.js'
import type { Io } from '../runtime/io.js'

interface Printed {
  readonly json: boolean
}

export function addLedger(program: Command, io: Io, settings: () => Settings): void {
  const ledger = program
    .command('ledger')
    .description('what was bought, promised and used, and what each must pay; amounts for the role finance alone')
  ledger
    .command('month')
    .description('a month of all contracts; without one, the months and which are closed')
    .argument('[month]', 'such as 2026-11', monthOf)
    .option('--json', 'print JSON', false)
    .action(async (month: string | undefined, o: Printed) => {
      const { runLedgerMonth } = await import('../client/ledger.js')
      await runLedgerMonth({ ...o, ...(month === undefined ? {} : { month }), settings: settings() }, io)
    })
  ledger
    .command('statement')
    .description("an institution's month: promised, asked, given, used, why less, and what it pays")
    .argument('<institution>', 'id, or words of its name')
    .option('--month <month>', 'such as 2026-11; the month before this one unless said', monthOf)
    .option('--page', 'print it as a page of HTML, A4', false)
    .addOption(new Option('--lang <lang>', 'of the page').choices(['en', 'sw']).default('en'))
    .option('--json', 'print JSON', false)
    .action(async (institution: string, o: Omit<StatementAsked, 'settings' | 'institution'>) => {
      const { runStatement } = await import('../client/ledger.js')
      await runStatement({ ...o, institution, settings: settings() }, io)
    })
  ledger
    .command('register')
    .description('who has no agreement or one that ends, what was promised beyond it, which lines carried nothing')
    .option('--json', 'print JSON', false)
    .action(async (o: Printed) => {
      const { runRegister } = await import('../client/ledger.js')
      await runRegister({ ...o, settings: settings() }, io)
    })
  ledger
    .command('close')
    .description('close a month that is over, once and for good')
    .argument('<month>', 'such as 2026-11', monthOf)
    .option('--accept-gaps', 'also where half of it, or a line, was not recorded: it stays so for good', false)
    .option('--json', 'print JSON', false)
    .action(async (month: string, o: Printed & { acceptGaps: boolean }) => {
      const { runLedgerClose } = await import('../client/ledger.js')
      await runLedgerClose({ ...o, month, settings: settings() }, io)
    })
  ledger
    .command('reconcile')
    .description("hold our count against the provider's invoices, and against LibreNMS' bills")
    .argument('<month>', 'such as 2026-11', monthOf)
    .option('--librenms <file>', 'what LibreNMS answers to GET /api/v0/bills')
    .option('--json', 'print JSON', false)
    .action(async (month: string, o: Printed & { librenms?: string }) => {
      const { runReconcile } = await import('../client/ledger.js')
      await runReconcile({ ...o, month, settings: settings() }, io)
    })
  ledger
    .command('prices')
    .description('print the price book with its author, approver and reason, or replace it by a file as it prints one')
    .argument('[file]', 'JSON: the version that was read, and the book: tariffs, tiers, invoices, corrections')
    .option('--reason <text>', 'why the book changes; required with a file, and kept in the audit trail')
    .option('--approve <fingerprint>', 'as a second finance officer: put the book that waits in force')
    .option('--json', 'print JSON', false)
    .action(async (file: string | undefined, o: Printed & { reason?: string; approve?: string }) => {
      const { runPrices } = await import('../client/ledger.js')
      await runPrices({ ...o, ...(file === undefined ? {} : { file }), settings: settings() }, io)
    })
}

function monthOf(text: string): string {
  if (/^[12]\d{3}-(0[1-9]|1[0-2])$/.test(text)) return text
  throw new InvalidArgumentError(`expected a month such as 2026-11, found "${text}".`)
}
