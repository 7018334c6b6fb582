// How a command line is run, whichever commands it has: what it may print, how faults are told, which exit code
// follows. Two programs are made of it: `mizani` (../cli.ts), and the one of a gateway alone (edge-package.ts).

import { Command, CommanderError } from 'commander'
import { type Flags, loadSettings, type Settings, VERSION } from '../runtime/config.js'
import { formatError, MizaniError } from '../runtime/errors.js'
import type { Io, Sink } from '../runtime/io.js'
import { printable } from '../runtime/printable.js'

/** Notes the exit code of a command that has one; what throws nothing has done its work. */
export type Done = (exitCode: number) => void

/** Adds its commands. */
export type Commands = (program: Command, io: Io, done: Done) => void

/**
 * Runs one command line (without node and the script) and resolves with its exit code: 0 done, 1 refused or failed, 2
 * wrong usage. Never throws and never ends the process, so that tests can call it.
 */
export async function run(args: readonly string[], { stdout, stderr, ...rest }: Io, add: Commands): Promise<number> {
  const io: Io = { ...rest, stdout: steeringNothing(stdout), stderr: steeringNothing(stderr) }
  let exitCode = 0
  const program = new Command('mizani')
    .description('Bandwidth allocation and traffic shaping for a national government network')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(--help shows what is possible)')
    .helpCommand(false)
  add(program, io, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander has already printed; help and version come here as well.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    io.stderr.write(`${formatError(error)}\n`)
    if (error instanceof MizaniError) return error.exitCode
    if (isDebugging(io.env)) io.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    else io.stderr.write('This is a fault in Mizani. LOG_LEVEL=debug shows where it happened.\n')
    return 1
  }
}

/** Names come from files, arguments and servers: whatever is printed, none of it is an order to the terminal. */
const steeringNothing = (sink: Sink): Sink => ({ write: (text) => sink.write(printable(text)) })

const isDebugging = (env: Io['env']): boolean => env.LOG_LEVEL === 'debug' || env.LOG_LEVEL === 'trace'

export function settingsOf({ env }: Pick<Io, 'env'>, flags: Flags = {}, file?: string): Settings {
  return loadSettings({ env, flags, file: file ?? env.MIZANI_CONFIG })
}

/** Runs one command line as this process. */
export async function runHere(
  args: readonly string[],
  main: (args: readonly string[], io: Io) => Promise<number>,
): Promise<void> {
  const { stdout, stderr, env } = process
  // Whoever reads us may stop reading (`| head`): that is their right, not a fault.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  // Whoever reads the log may go, or its disk be full: what is told of work must not end it.
  stderr.on('error', () => {})
  process.on('uncaughtException', (error) => {
    // Nothing can be trusted after this. Ending is safe: private stores end with their parent, and edges hold their
    // rates.
    stderr.write(`${isDebugging(env) ? error.stack : formatError(error)}\n`)
    process.exit(1)
  })
  const isTTY = stderr.isTTY === true
  const stdin = (): AsyncIterable<Uint8Array> => process.stdin
  process.exitCode = await main(args, { stdout, stderr, env, isTTY, stdin, ...(isTTY ? { terminal: stderr } : {}) })
}
