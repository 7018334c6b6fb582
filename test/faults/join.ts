// What a person does at a gateway: pastes a line where `mizani edge join` asks for it.

import { main } from '../../src/cli.js'

/** @throws Error with what was said. */
export async function joinAt(line: string, env: Readonly<Record<string, string>>): Promise<void> {
  let said = ''
  const sink = { write: (text: string) => (said += text) }
  async function* stdin(): AsyncIterable<Uint8Array> {
    yield Buffer.from(`${line}\n`)
  }
  const code = await main(['edge', 'join'], { stdout: sink, stderr: sink, env, isTTY: false, stdin })
  if (code !== 0) throw new Error(said)
}
