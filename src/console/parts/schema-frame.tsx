// What every field of a form has: its label, its hint, what is wrong with it, and a frame where it holds others.

import type { ComponentChildren, ComponentType } from 'preact'
import type { Fault } from '../call.js'
import type { Json, PolicySchema, Schema } from '../schema.js'
import { useWords } from '../store.js'
import { fieldNamed } from '../words/field-texts.js'

export interface Said {
  /** @param english as the schema has it */
  hint(english: string): string
  option(word: string): string
}

/** What all fields of one form have in common. */
export interface Forming {
  readonly schemas: PolicySchema
  readonly faults: readonly Fault[]
  /** Ids of each collection, to choose from. */
  readonly ids: Readonly<Record<string, readonly string[]>>
  /** Hints and words to choose from, in the language of whoever reads. */
  readonly said: Said
  /** How one field is drawn, whatever it is. */
  readonly Field: ComponentType<FieldProps>
}

export interface FieldProps {
  readonly form: Forming
  readonly schema: Schema
  /** Last part of the pointer: its label, but for ids. */
  readonly name: string
  /** Of a member that has a name of its own. */
  readonly title?: string | undefined
  /** JSON pointer from the root of the policy. */
  readonly pointer: string
  readonly value: Json | undefined
  readonly isRequired: boolean
  /** Undefined: it is not written. */
  change(value: Json | undefined): void
}

export function Hint({ schema: { description }, form }: Pick<FieldProps, 'schema' | 'form'>) {
  return description === undefined ? null : <small>{form.said.hint(description)}</small>
}

/** What is wrong at this place, and nowhere inside it. */
export const faultsAt = (faults: readonly Fault[], pointer: string): string[] =>
  faults.filter((fault) => fault.pointer === pointer).map(({ detail }) => detail)

/** Several fields under one name. */
export function Group({
  name,
  title,
  schema,
  pointer,
  form,
  children,
}: Pick<FieldProps, 'name' | 'title' | 'schema' | 'pointer' | 'form'> & { readonly children: ComponentChildren }) {
  const { lang } = useWords()
  const wrong = faultsAt(form.faults, pointer)
  return (
    <fieldset>
      <legend>{title ?? fieldNamed(name, lang)}</legend>
      <Hint schema={schema} form={form} />
      {wrong.length > 0 && (
        <p class="bad" lang="en">
          {wrong.join(' ')}
        </p>
      )}
      {children}
    </fieldset>
  )
}
