// mizani explain-settings: every setting of a process with its default and the variable that sets it, from the schema
// that judges the file and the tables that read the environment.

import { VARIABLES } from './config.js'
import type { Io } from './io.js'
import { type Field, Outline } from './schema-outline.js'
import { settingsSchema } from './settings.js'
import { OTHERS, SECRETS } from './variables.js'
import * as z from './zod.js'

/** Settings of the file, those inside others behind them. */
export const settingsOutline = (): Outline => new Outline(z.toJSONSchema(settingsSchema, { io: 'input' }))

export async function runExplainSettings({ json }: { json: boolean }, { stdout }: Io): Promise<void> {
  const outline = settingsOutline()
  const lines = json ? [JSON.stringify(outline.root)] : settingsLines(outline.fieldsOf(outline.root))
  stdout.write(`${lines.join('\n')}\n`)
}

function settingsLines(fields: readonly Field[]): string[] {
  const variables = new Map(Object.entries(VARIABLES).map(([name, keys]) => [keys.join('.'), name]))
  const width = Math.max(...[...Object.keys(SECRETS), ...Object.keys(OTHERS)].map((name) => name.length))
  const named = (names: Readonly<Record<string, string>>): string[] =>
    Object.entries(names).map(([name, about]) => `  ${name.padEnd(width)}  ${about}`)
  return [
    'Settings: a flag outranks the environment, which outranks the file (--config FILE, MIZANI_CONFIG).',
    'config/mizani.yaml is such a file with every default.',
    ...fields.flatMap(({ name, type, rule, about }) => {
      const variable = variables.get(name)
      return ['', `  ${name}: ${type} (${rule})${variable === undefined ? '' : `  ${variable}`}`, `      ${about}`]
    }),
    ...['', 'Secrets: in the environment alone; NAME_FILE names a file of mode 0600 instead.'],
    ...named(SECRETS),
    ...['', 'Besides, in the environment:'],
    ...named(OTHERS),
  ]
}
