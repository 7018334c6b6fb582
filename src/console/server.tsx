// A page as the server answers it: the same parts that the browser draws, written as HTML, with what they were drawn
// from beside it. Whoever has no script reads the same; the browser goes on from there.

import { render } from 'preact-render-to-string'
import { App } from './app.js'
import { homeFor } from './home.js'
import { loadPage } from './loading.js'
import type { PageAsked, PageData } from './page-data.js'
import { SignIn } from './pages/sign-in.js'
import { findPage, PLACES, placeAt } from './routes.js'
import { Store, StoreContext } from './store.js'
import { titleOf } from './title.js'
import type { Text } from './words/texts.js'

/** In no bundle of a browser. */
const NO_SCRIPT: Text = [
  'Without JavaScript this page shows the moment in which it was asked for; signing in needs it.',
  'Bila JavaScript ukurasa huu unaonyesha hali ya wakati ulipofunguliwa; kuingia kunaihitaji.',
]

export { homeFor }

export const patterns: readonly string[] = PLACES.map(({ pattern }) => pattern)

export async function answer({ address, lang, send, turn, assets }: PageAsked): Promise<string> {
  const data = await loadPage(send, address, lang)
  const store = new Store(send, findPage, await findPage(address), data)
  store.entrance.value = SignIn
  await turn()
  const body = render(
    <StoreContext.Provider value={store}>
      <App />
    </StoreContext.Provider>,
  )
  const first = store.me.value?.lacks === null ? placeAt(address).place.file : 'sign-in'
  return documentOf(data, titleOf(store), body, assets(first))
}

function documentOf(
  data: PageData,
  title: string,
  body: string,
  { script, style, more }: ReturnType<PageAsked['assets']>,
): string {
  const noScript = NO_SCRIPT.map((text, i) => `<p${i === 1 ? ' lang="sw"' : ' lang="en"'}>${text}</p>`).join('')
  return `<!doctype html>
<html lang="${data.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/${style}">
<script type="module" src="/assets/${script}"></script>
${more.map((file) => `<link rel="modulepreload" href="/assets/${file}">`).join('\n')}
</head>
<body>
<div id="console">${body}</div>
<noscript>${noScript}</noscript>
<script type="application/json" id="page-data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
</body>
</html>
`
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
