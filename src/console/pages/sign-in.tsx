// How somebody comes in, in as many steps as it takes: name and password (or a token, a provider, the first link), then
// a second factor, a password of their own, or the enrolment of a factor. Whoever is through sees the page they asked
// for. A slip in the first password would lock out the only administrator, so it is typed twice.

import { useEffect, useRef, useState } from 'preact/hooks'
import { firstSecret, keepFirst } from '../browser.js'
import { type Me, Refused } from '../call.js'
import { enterByPasskey, takesPasskeys } from '../factors.js'
import { later } from '../parts/later.js'
import { AddPasskey } from '../parts/passkey.js'
import { useReady } from '../parts/ready.js'
import { type Store, useStore, useWords } from '../store.js'
import { welcome } from '../welcome.js'
import { PERSON } from '../words/person-texts.js'
import { TEXTS, type Text } from '../words/texts.js'
import { BackFromProvider } from './provider.js'

export function SignIn() {
  const store = useStore()
  const me = store.me.value
  const isReady = useReady()
  if (store.shown.value.address.whole.startsWith('/sign-in'))
    return <BackFromProvider welcome={(who) => welcome(store, who)} />
  if (me?.lacks === 'code') return <GiveCode isReady={isReady} />
  if (me?.lacks === 'password') return <ChoosePassword isReady={isReady} />
  if (me?.lacks === 'factor') return <EnrolFactor />
  return <Credentials isReady={isReady} />
}

/** Does it, and says why it cannot be done: as the server says of a status, or else this. */
async function attempt(store: Store, work: () => Promise<Me>, refusal: Text): Promise<void> {
  const { say } = store.words.value
  try {
    await welcome(store, await work())
  } catch (error) {
    const status = error instanceof Refused ? error.status : 500
    const busy = status === 429 ? PERSON.tooOften : status < 500 ? refusal : TEXTS.away
    const why: Text = status === 400 ? PERSON.tooEasy : busy
    store.say(say(why), true)
  }
}

/** A passkey that is refused, or whose owner thinks better of it, never reaches the server. */
const byPasskey = (store: Store): Promise<void> =>
  enterByPasskey(store.call).then(
    (me) => welcome(store, me),
    () => store.say(store.words.value.say(PERSON.noPasskey), true),
  )

interface Ready {
  readonly isReady: boolean
}

function Credentials({ isReady }: Ready) {
  const store = useStore()
  const { say } = useWords()
  const [first, setFirst] = useState<string | null>(null)
  useEffect(() => setFirst(firstSecret()), [])
  const isFirst = first !== null
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const said = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]))
    for (const field of form.querySelectorAll('input[type=password]')) (field as HTMLInputElement).value = ''
    const { user = '', password = '', again = '', token = '' } = said
    const person = { user: user.trim(), password }
    if (isFirst && password !== again) {
      store.say(say(PERSON.notTheSame), true)
      return
    }
    if (isFirst) {
      void spend({ secret: first, ...person })
      return
    }
    const body = token.trim() === '' ? person : { token: token.trim() }
    void attempt(store, () => store.call('post', '/v1/session', { body }), PERSON.unknownToken)
  }
  const spend = async (
    body: { secret: string } | { secret: string; user: string; password: string },
  ): Promise<void> => {
    await attempt(store, () => store.call('post', '/v1/session', { body }), PERSON.unknownLink)
    if (store.me.value === null) return
    setFirst(keepFirst(null))
  }
  return (
    <form id="sign-in" method="post" onSubmit={submit}>
      <h1>{say(isFirst ? PERSON.first : PERSON.signIn)}</h1>
      <p>{say(isFirst ? PERSON.firstHow : PERSON.signInHow)}</p>
      <label for="user">{say(PERSON.user)}</label>
      <input id="user" name="user" autocomplete="username" autocapitalize="none" spellcheck={false} maxLength={63} />
      <label for="password">{say(PERSON.password)}</label>
      <Password id="password" isNew={isFirst} />
      {isFirst && (
        <>
          <label for="again">{say(PERSON.again)}</label>
          <Password id="again" isNew />
        </>
      )}
      {!isFirst && (
        <>
          <label for="token">{say(PERSON.orToken)}</label>
          <input id="token" name="token" type="password" autocomplete="off" maxLength={512} />
        </>
      )}
      <div class="buttons">
        <button type="submit" class="main" disabled={!isReady}>
          {say(isFirst ? PERSON.first : PERSON.signIn)}
        </button>
        {isReady && takesPasskeys() && (
          <button id="by-passkey" type="button" onClick={() => void byPasskey(store)}>
            {say(PERSON.byPasskey)}
          </button>
        )}
        {isFirst && (
          <button id="look-in" type="button" onClick={() => void spend({ secret: first })}>
            {say(PERSON.lookIn)}
          </button>
        )}
        {isReady && <ByProvider />}
      </div>
    </form>
  )
}

function Password({ id, isNew }: { readonly id: string; readonly isNew: boolean }) {
  return (
    <input
      id={id}
      name={id}
      type="password"
      autocomplete={isNew ? 'new-password' : 'current-password'}
      maxLength={200}
    />
  )
}

/** The way to the provider that signs people in, where there is one. */
function ByProvider() {
  const store = useStore()
  const { say, withProvider } = useWords()
  const [provider, setProvider] = useState<string | null>(null)
  useEffect(() => {
    store.call('get', '/v1/session/ways', {}).then(
      (ways) => setProvider(ways.provider),
      // Then there is none to offer; whoever signs in is told what is wrong.
      () => setProvider(null),
    )
  }, [])
  if (provider === null) return null
  const leave = (): void => {
    store.call('post', '/v1/session/provider', { body: {} }).then(
      ({ url }) => location.assign(url),
      () => store.say(say(TEXTS.away), true),
    )
  }
  return (
    <button id="by-provider" type="button" onClick={leave}>
      {withProvider(provider)}
    </button>
  )
}

function GiveCode({ isReady }: Ready) {
  const store = useStore()
  const { say } = useWords()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const field = (event.currentTarget as HTMLFormElement).querySelector('input')!
    const code = field.value
    field.value = ''
    void attempt(store, () => store.call('post', '/v1/session/factor', { body: { code } }), PERSON.notTheCode)
  }
  return (
    <form id="factor" method="post" onSubmit={submit}>
      <h1>{say(PERSON.code)}</h1>
      <label for="code">{say(PERSON.code)}</label>
      <input id="code" inputMode="numeric" autocomplete="one-time-code" maxLength={40} ref={field} />
      <p class="quiet">{say(PERSON.recoveryCode)}</p>
      <div class="buttons">
        <button type="submit" class="main" disabled={!isReady}>
          {say(PERSON.signIn)}
        </button>
        {isReady && takesPasskeys() && (
          <button id="then-passkey" type="button" onClick={() => void byPasskey(store)}>
            {say(PERSON.thenPasskey)}
          </button>
        )}
      </div>
    </form>
  )
}

function ChoosePassword({ isReady }: Ready) {
  const store = useStore()
  const { say } = useWords()
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const [present = '', password, again] = ['present', 'password', 'again'].map((id) => {
      const field = form.querySelector<HTMLInputElement>(`#${id}`)!
      const { value } = field
      field.value = ''
      return value
    })
    if (password === undefined || password !== again) {
      store.say(say(PERSON.notTheSame), true)
      return
    }
    void attempt(
      store,
      () => store.call('post', '/v1/me/password', { body: { present, password } }),
      PERSON.unknownToken,
    )
  }
  return (
    <form id="choose-password" method="post" onSubmit={submit}>
      <h1>{say(PERSON.choosePassword)}</h1>
      <p>{say(PERSON.lacksPassword)}</p>
      <label for="present">{say(PERSON.presentPassword)}</label>
      <Password id="present" isNew={false} />
      <label for="password">{say(PERSON.newPassword)}</label>
      <Password id="password" isNew />
      <label for="again">{say(PERSON.again)}</label>
      <Password id="again" isNew />
      <div class="buttons">
        <button type="submit" class="main" disabled={!isReady}>
          {say(PERSON.choosePassword)}
        </button>
      </div>
    </form>
  )
}

/** Seldom, and much comes with it. */
const AddTotp = later(async () => (await import('../parts/totp.js')).AddTotp)

function EnrolFactor() {
  const { say } = useWords()
  return (
    <section id="enrol">
      <h1>{say(PERSON.secondFactor)}</h1>
      <p>{say(PERSON.lacksFactor)}</p>
      <div class="row">
        <AddPasskey />
        <AddTotp />
      </div>
    </section>
  )
}
