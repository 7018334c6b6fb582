// A running Mizani and a browser before it, for whatever looks at the console: Debian's Chromium, driven by
// playwright-core. Whoever signs in does it on the page, with the machine's own token.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { Ending } from '../harness/place.js'
import { freshFolder } from '../harness/place.js'
import { Program } from '../harness/program.js'

const PATIENCE = 60_000

export interface Stage {
  readonly url: string
  readonly up: Program
  readonly browser: Browser
  /** Secret of the machine's own token. */
  readonly token: string
  /** A browser of somebody's own. */
  visit(options?: Parameters<Browser['newContext']>[0] & { readonly lang?: 'en' | 'sw' }): Promise<BrowserContext>
}

export async function openStage(ending: Ending, args: readonly string[] = []): Promise<Stage> {
  const data = freshFolder(ending)
  const [up, browser] = await Promise.all([
    new Program(['up', '--port', '0', ...args], ending, { env: { MIZANI_DATA: data } }).ready(),
    chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] }),
  ])
  ending.teardown(() => browser.close())
  const token = readFileSync(join(data, 'cli-token'), 'utf8').trim()
  return {
    ...{ url: up.url, up, browser, token },
    async visit({ lang = 'en', ...options } = {}) {
      const context = await browser.newContext({ viewport: { width: 1_440, height: 900 }, ...options })
      context.setDefaultTimeout(PATIENCE)
      await context.addCookies([{ name: 'lang', value: lang, url: up.url }])
      return context
    },
  }
}

/**
 * axe-core judges no text that stands on a gradient: without the shadows of what scrolls it judges tables as well. To
 * be evaluated in a page, whose policy allows no style of ours but this.
 */
export const FLAT = `{
  const flat = new CSSStyleSheet()
  flat.replaceSync('.scroll { background-image: none !important }')
  document.adoptedStyleSheets.push(flat)
}`

/** With the machine's token, as whoever holds it does. */
export async function signIn(page: Page, { url, token }: Pick<Stage, 'url' | 'token'>, path = '/'): Promise<void> {
  await page.goto(url + path)
  await page.waitForSelector('#sign-in button.main:enabled')
  await page.fill('#token', token)
  await page.press('#token', 'Enter')
  await page.waitForSelector('#board')
}
