// Something that a person may do: a button, then what it has to be told, then what became of it. What goes wrong is
// said and what was written stays.

import { useEffect, useRef, useState } from 'preact/hooks'
import { type Undo, useStore, useWords } from '../store.js'
import { TEXTS, type Text } from '../words/texts.js'
import { keepPlace } from './place.js'

export interface Field {
  /** Not `is`: Preact 11 looks for that on the form, and finds the field. */
  readonly name: string
  readonly label: Text
  readonly type?: 'text' | 'number' | 'password' | 'date'
  readonly value?: string
  /** May be left empty. */
  readonly isFree?: boolean
  /** One of these. */
  readonly options?: readonly (readonly [value: string, said: string])[]
}

export interface DeedProps<Made = unknown> {
  readonly title: Text
  readonly done: Text
  readonly fields: readonly Field[]
  readonly isGrave?: boolean
  readonly id?: string
  /** @returns what is to be said instead of `done`. @throws Refused. */
  act(values: Values): Promise<Made>
  /** What takes it back, as long as it is said that it was done; null: nothing would leave all as it was. */
  undo?(made: Made, values: Values): Undo | null
}

export type Values = Readonly<Record<string, string>>

export function Deed<Made>({ title, done, fields, isGrave = false, id, act, undo }: DeedProps<Made>) {
  const store = useStore()
  const { say } = useWords()
  const [isOpen, setOpen] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const run = async (values: Values): Promise<void> => {
    setBusy(true)
    try {
      const made = await act(values)
      setOpen(false)
      store.say(typeof made === 'string' ? made : say(done), false, undo?.(made, values) ?? null)
      // Of whoever is in by half nothing is shown yet.
      if (store.me.value?.lacks === null) await store.refresh()
    } catch (error) {
      store.complain(error)
    } finally {
      setBusy(false)
      keepPlace()
    }
  }
  const button = useRef<HTMLButtonElement>(null)
  const form = useRef<HTMLFormElement>(null)
  const wasOpen = useRef(false)
  useEffect(() => {
    if (isOpen) form.current?.querySelector<HTMLElement>('input, select, textarea')?.focus()
    else if (wasOpen.current) button.current?.focus()
    wasOpen.current = isOpen
  }, [isOpen])
  if (!isOpen)
    return (
      <button
        ref={button}
        type="button"
        id={id}
        class={isGrave ? 'danger' : undefined}
        disabled={isBusy}
        onClick={() => (fields.length === 0 ? void run({}) : setOpen(true))}
      >
        {say(title)}
      </button>
    )
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    void run(Object.fromEntries([...form].map(([name, value]) => [name, String(value)])))
  }
  return (
    <form ref={form} method="post" class="row card" onSubmit={submit} aria-label={say(title)}>
      {fields.map((field) => (
        <Asked key={field.name} field={field} />
      ))}
      <button type="submit" class={isGrave ? 'danger' : 'main'} disabled={isBusy}>
        {say(title)}
      </button>
      <button type="button" onClick={() => setOpen(false)}>
        {say(TEXTS.cancel)}
      </button>
    </form>
  )
}

function Asked({ field }: { readonly field: Field }) {
  const { say } = useWords()
  const { name, label, type = 'text', value, isFree = false, options } = field
  // What stands beside it all of these take.
  const kind = type as 'text'
  return (
    <label>
      {say(label)}
      {options === undefined ? (
        type === 'number' ? (
          <input type="number" name={name} required={!isFree} min="0" step="any" defaultValue={value} />
        ) : (
          <input type={kind} name={name} required={!isFree} maxLength={500} defaultValue={value} />
        )
      ) : (
        <select name={name}>
          {options.map(([option, said]) => (
            <option key={option} value={option}>
              {said}
            </option>
          ))}
        </select>
      )}
    </label>
  )
}
