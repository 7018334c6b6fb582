// The button beside the form: to the provider that signs people in, where there is one.

import { call } from './call.mjs'
import { backWords } from './provider-words.mjs'

/** Shows it where a provider is set; `failed` is told why the way there could not be begun. */
export function offerProvider(button, lang, failed) {
  button.onclick = () =>
    call('/v1/session/provider', { method: 'POST', body: {} }).then(
      ({ url }) => location.assign(url),
      () => failed('away'),
    )
  call('/v1/session/ways').then(
    ({ provider }) => {
      button.hidden = provider === null
      button.textContent = `${backWords(lang).with} ${provider}`
    },
    () => {
      // Then there is none to offer; the form says what is wrong.
      button.hidden = true
    },
  )
}
