// What a command may touch of the process it runs in. Commands take it as a parameter, so that tests run them
// in-process and read what they print; only cli/run.ts makes one from the real process.

/** Anything text can be written to: a stream, or a list of strings in a test. */
export interface Sink {
  write(text: string): unknown
}

/** What the person at this terminal reads: `sw` where the locale is Swahili. */
export function langOf({ env }: Pick<Io, 'env'>): 'en' | 'sw' {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || ''
  return locale.startsWith('sw') ? 'sw' : 'en'
}

export interface Io {
  /** Data. */
  readonly stdout: Sink
  /** Messages, logs and progress. */
  readonly stderr: Sink
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether a person watches stderr: progress bars and first-sign-in links are for people only. */
  readonly isTTY: boolean
  /** The screen of that person, for what draws on it; what is written to the sinks is text and steers nothing. */
  readonly terminal?: NodeJS.WriteStream
  /** What is read where a file is named `-`. */
  readonly stdin?: () => AsyncIterable<Uint8Array>
}
