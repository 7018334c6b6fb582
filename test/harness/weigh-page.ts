// What a first look at a page costs: the page and every file that it names, each as a browser is sent it, with the
// heads of the answers. Packed as over plain HTTP, where browsers take gzip alone.

import { get } from 'node:http'

export interface Weight {
  /** Bytes on the wire. */
  readonly all: number
  /** Of scripts. */
  readonly script: number
  /** Addresses of the files. */
  readonly files: readonly string[]
}

export async function weighPage(url: string, cookie: string): Promise<Weight> {
  const page = await fetch(url, { headers: { cookie } })
  const files = [...(await page.text()).matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path)
  let [all, script] = [await bytesOf(url, cookie), 0]
  for (const file of files) {
    const bytes = await bytesOf(new URL(file, url).href, cookie)
    all += bytes
    if (file.endsWith('.js')) script += bytes
  }
  return { all, script, files }
}

/** All that comes over a connection of its own. */
function bytesOf(url: string, cookie: string): Promise<number> {
  return new Promise((done, fail) => {
    get(url, { agent: false, headers: { cookie, 'accept-encoding': 'gzip' } }, (answer) => {
      const { socket } = answer
      answer.resume().on('end', () => done(socket.bytesRead))
    }).on('error', fail)
  })
}
