// Which keys do what, and whether letters do anything.

import { useState } from 'preact/hooks'
import { keepKeys, readKeys } from '../browser.js'
import { placesFor } from '../routes.js'
import { useStore, useWords } from '../store.js'
import { TEXTS } from '../words/texts.js'
import { Overlay } from './overlay.js'

export function KeyList() {
  const { overlay, me } = useStore()
  const { say } = useWords()
  const [on, setOn] = useState(readKeys())
  const close = (): void => {
    overlay.value = null
  }
  const rows: readonly (readonly [readonly string[], string])[] = [
    [['Ctrl', 'K'], say(TEXTS.keyPalette)],
    [['/'], say(TEXTS.keyPalette)],
    [['?'], say(TEXTS.keyHelp)],
    ...placesFor(me.value?.roles ?? []).flatMap(({ keys, title }) =>
      keys === undefined ? [] : [[[...keys], say(title)] as const],
    ),
  ]
  return (
    <Overlay label={say(TEXTS.keys)} close={close}>
      <h2>{say(TEXTS.keys)}</h2>
      <p>{say(TEXTS.keysHow)}</p>
      <table>
        <tbody>
          {rows.map(([keys, what]) => (
            <tr key={keys.join(' ')}>
              <th scope="row">
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        <label>
          <input
            type="checkbox"
            checked={on}
            onChange={({ currentTarget: { checked } }) => {
              keepKeys(checked)
              setOn(checked)
            }}
          />{' '}
          {say(TEXTS.keysOn)}
        </label>
      </p>
      <button type="button" onClick={close}>
        {say(TEXTS.close)}
      </button>
    </Overlay>
  )
}
