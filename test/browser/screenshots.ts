// Every page in both languages and both schemes, wide and on a phone, as pictures in out/screenshots: to be looked at.
// `npm run screenshots [-- --few] [PATH ...]`: few are English, light and wide, and Swahili, dark and small.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../harness/root.js'
import { openStage, signIn } from './stage.js'
import { everyPage, seenBy, trouble } from './trouble.js'

const FOLDER = join(ROOT, 'out', 'screenshots')
const endings: (() => unknown)[] = []
const ending = { teardown: (end: () => unknown) => void endings.unshift(end) }
const isFew = process.argv.includes('--few')
const asked = process.argv.slice(2).filter((arg) => arg !== '--few')
/** Of a long page only so much. */
const HIGHEST = 2_400

interface Look {
  readonly lang: 'en' | 'sw'
  readonly colorScheme: 'light' | 'dark'
  readonly viewport: { readonly width: number; readonly height: number }
}

try {
  mkdirSync(FOLDER, { recursive: true })
  const stage = await openStage(ending)
  const seeing = await trouble(stage)
  const pages = asked.length > 0 ? asked : await everyPage(stage)
  async function shoot(pages: readonly string[], look: Look, token: string): Promise<void> {
    if (pages.length === 0) return
    const { lang, colorScheme, viewport } = look
    const { width } = viewport
    const context = await stage.visit(look)
    const page = await context.newPage()
    page.on('pageerror', ({ message }) => console.log(`FAULT of ${page.url()}: ${message}`))
    page.on('console', (said) => said.type() === 'error' && console.log(`${page.url()}: ${said.text()}`))
    const name = (path: string): string => {
      const said = path.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '') || 'overview'
      return join(FOLDER, `${said}-${lang}-${colorScheme}-${width}.png`)
    }
    await page.goto(`${stage.url}/`)
    await page.screenshot({ path: name('/sign-in'), fullPage: true })
    await signIn(page, { url: stage.url, token })
    for (const path of pages) {
      await page.goto(stage.url + path)
      await page.waitForSelector('#board')
      await page.waitForTimeout(2_500)
      const high = Number(await page.evaluate('document.documentElement.scrollHeight'))
      const clip = { x: 0, y: 0, width, height: Math.min(high, HIGHEST) }
      await page.screenshot({ path: name(path), fullPage: true, clip })
      const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      if (Number(wide) > 0) console.log(`${path} ${lang} ${width}: ${wide} pixels too wide`)
    }
    await context.close()
  }
  for (const lang of ['en', 'sw'] as const)
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [1_440, 360]) {
        if (isFew && [lang, colorScheme, width].join() !== (lang === 'en' ? 'en,light,1440' : 'sw,dark,360')) continue
        const look = { lang, colorScheme, viewport: { width, height: width < 500 ? 740 : 900 } }
        for (const { token, pages: some } of seenBy(stage, seeing, pages)) await shoot(some, look, token)
      }
} finally {
  for (const end of endings) await end()
}
console.log(`screenshots: ${FOLDER}`)
