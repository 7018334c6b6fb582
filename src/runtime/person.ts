// Somebody who runs a command as themselves, and the session that the command has as long as it runs.

export interface Person {
  readonly account: string
  /** Asked for once. */
  password(): Promise<string>
  /** Of the second factor; asked for where there is one. */
  code(): Promise<string>
  /** Null: not signed in, or no longer. */
  session: { cookie: string; end(): Promise<unknown> } | null
}
