// A member and an administrator, each in a browser of their own: the member signs in and has one page, tries what more
// would do and asks for it; the administrator reads that and accepts it into a proposal; the next one is refused, and
// the member reads why. `npm run console`.

import { strict as assert } from 'node:assert'
import type { Page } from 'playwright-core'
import { openStage, type Stage, signIn } from './stage.js'

const INSTITUTION = 'hosp-mnh-upanga'
const endings: (() => unknown)[] = []
const ending = { teardown: (end: () => unknown) => void endings.unshift(end) }
let held = 0

const sees = async (page: Page, selector: string): Promise<void> => {
  await page.waitForSelector(selector)
  held++
}

async function memberToken({ url, token }: Stage): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const post = async <T>(path: string, body: object): Promise<T> => {
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    assert.ok(answer.ok, `${path}: ${answer.status}`)
    return (await answer.json()) as T
  }
  const scope = { institutions: [INSTITUTION], reads: 'scope' }
  await post('/v1/users', { id: 'neema', roles: ['member'], scope })
  const expires = new Date(Date.now() + 86_400_000).toISOString()
  const made = await post<{ token: string }>('/v1/tokens', { user: 'neema', name: 'x', roles: ['member'], expires })
  return made.token
}

/** Another ceiling of the internet, first tried, then sent. */
async function ask(page: Page, down: string, reason: string): Promise<void> {
  await page.fill('#ask input[name="internet down"]', down)
  await page.fill('#ask textarea', reason)
  await page.click('#ask button[value=try]')
  await sees(page, '#ask .request-preview')
  await page.click('#ask button.main')
  await sees(page, `#requests tr:has-text("${reason}")`)
}

async function drive(stage: Stage): Promise<void> {
  const token = await memberToken(stage)
  const [member, admin] = [await (await stage.visit()).newPage(), await (await stage.visit()).newPage()]
  await signIn(member, { url: stage.url, token })
  await sees(member, '#board h1:has-text("Muhimbili")')
  assert.equal(new URL(member.url()).pathname, '/mine', 'there is nowhere else to begin')
  assert.deepEqual(await member.locator('nav.pages a').allTextContents(), ['My institution'])
  assert.equal(await member.locator('#find').count(), 0)
  held += 3
  await ask(member, '300', 'lectures by video')
  await signIn(admin, stage, '/requests')
  await admin.click('#requests tr:has-text("lectures by video") th a')
  await sees(admin, '.request-preview')
  await admin.click('#accept')
  await sees(admin, 'h1:has-text("accepted")')
  await admin.click('a[href^="/proposals/p-"]')
  await sees(admin, '#board:has-text("lectures by video")')
  await member.reload()
  await sees(member, '#requests tr:has-text("lectures by video"):has-text("accepted")')
  await ask(member, '900', 'a second theatre')
  await admin.goto(`${stage.url}/requests`)
  await admin.click('#requests tr:has-text("a second theatre") th a')
  await admin.click('#refuse')
  await admin.fill('input[name=reason]', 'the line ends at 500')
  await admin.press('input[name=reason]', 'Enter')
  await sees(admin, 'h1:has-text("refused")')
  await member.reload()
  await sees(member, '#requests tr:has-text("a second theatre"):has-text("the line ends at 500")')
}

try {
  await drive(await openStage(ending))
  console.log(`requests: ${held} things held`)
} finally {
  for (const end of endings) await end()
}
