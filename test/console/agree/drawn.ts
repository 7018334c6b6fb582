// A page of the console as the server writes it, of answers of the API that a test may change on their way. Both are of
// one tick where the board stands still meanwhile.

import { readConsole } from '../../../src/api/console.js'
import type { Api } from '../../api/api-fixture.js'

export type Lang = 'en' | 'sw'
/** What the API said, by address. */
export type Said = Map<string, unknown>
/** What is answered in place of what the API says, by path. */
export type Instead = Readonly<Record<string, (known: Record<string, unknown>) => unknown>>

const { server } = await readConsole()

export interface DrawnPage {
  readonly html: string
  /** Every answer that the page was made of. */
  readonly said: Said
}

export async function drawPage(api: Pick<Api, 'call' | 'url'>, address: string, lang: Lang, instead: Instead = {}) {
  const said: Said = new Map()
  const send = async ({ address: asked }: { readonly address: string }) => {
    const other = instead[new URL(asked, api.url).pathname]
    const { status, text } = await api.call(asked)
    const known = JSON.parse(text) as Record<string, unknown>
    const body = other?.(known) ?? known
    if (status === 200) said.set(asked, body)
    return { status: other === undefined ? status : 200, body }
  }
  const assets = () => ({ script: '', style: '', more: [] })
  const html = await server.answer({ address, lang, turn: async () => undefined, assets, send })
  // As JSON, what it was drawn from stands in the page as well.
  return { html: html.replace(/<script type="application\/json".*<\/script>/s, ''), said } satisfies DrawnPage
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', '#39': "'" }

/** What a person reads of a piece of HTML: no tags, single spaces. */
export const textOf = (html: string): string =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .replace(/[\s\u00a0]+/g, ' ')
    .trim()
