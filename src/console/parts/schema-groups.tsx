// Those parts of a form that hold others: objects, lists, and members by name.

import { useState } from 'preact/hooks'
import { collectionOf } from '../collections.js'
import { emptyOf, isTree, type Json, type JsonTree, memberOf } from '../schema.js'
import { useWords } from '../store.js'
import { fieldNamed, oneNamed } from '../words/field-texts.js'
import { POLICY } from '../words/policy-texts.js'
import { type FieldProps, Group, Hint } from './schema-frame.js'

export function ObjectField(props: FieldProps) {
  return (
    <Group {...props}>
      <Fields {...props} />
    </Group>
  )
}

/** The fields of an object, without a frame around them. */
export function Fields({ schema, value, change, pointer, form }: Omit<FieldProps, 'name' | 'title' | 'isRequired'>) {
  const said = isTree(value) ? value : {}
  const { properties = {}, required = [] } = schema
  return (
    <>
      {Object.entries(properties).map(([name, property]) => (
        <form.Field
          key={name}
          form={form}
          schema={property}
          name={name}
          pointer={`${pointer}/${name}`}
          value={said[name]}
          isRequired={required.includes(name)}
          change={(next) => change(withMember(said, name, next))}
        />
      ))}
    </>
  )
}

function withMember(tree: JsonTree, name: string, value: Json | undefined): JsonTree {
  const { [name]: _, ...others } = tree
  if (value === undefined) return others
  // What was there stays where it stood.
  return Object.hasOwn(tree, name) ? { ...tree, [name]: value } : { ...others, [name]: value }
}

/** Members by id or by a name from a list. */
export function RecordField(props: FieldProps) {
  const { schema, value, change, pointer, form, name } = props
  const { say, lang } = useWords()
  const said = isTree(value) ? value : {}
  const member = memberOf(schema) ?? {}
  const names = schema.propertyNames?.enum?.map(String) ?? form.ids[collectionOf(name)]
  const [wanted, setWanted] = useState('')
  const add = (): void => {
    if (wanted === '' || Object.hasOwn(said, wanted)) return
    change({ ...said, [wanted]: emptyOf(form.schemas, member) })
    setWanted('')
  }
  return (
    <Group {...props}>
      {Object.entries(said).map(([key, one]) => (
        <div class="member" key={key}>
          <form.Field
            form={form}
            schema={member}
            name={key}
            title={key}
            pointer={`${pointer}/${key}`}
            value={one}
            isRequired
            change={(next) => change(withMember(said, key, next ?? ''))}
          />
          <Remove what={key} remove={() => change(withMember(said, key, undefined))} />
        </div>
      ))}
      <div class="row">
        <input
          aria-label={`${fieldNamed(name, lang)}: ${say(POLICY.id)}`}
          list={names === undefined ? undefined : `${pointer} names`}
          value={wanted}
          maxLength={63}
          spellcheck={false}
          onInput={({ currentTarget: { value: text } }) => setWanted(text)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            event.preventDefault()
            add()
          }}
        />
        {names !== undefined && (
          <datalist id={`${pointer} names`}>
            {names.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        )}
        <button type="button" aria-label={`${say(POLICY.add)}: ${fieldNamed(name, lang)}`} onClick={add}>
          {say(POLICY.add)}
        </button>
      </div>
    </Group>
  )
}

/** A list: of words in one field, of choices as boxes, of anything else one below the other. */
export function ListField(props: FieldProps) {
  const { schema, value, change, pointer, form, name } = props
  const { say, lang } = useWords()
  const item = form.schemas.resolved(schema.items ?? {})
  const rows = (Array.isArray(value) ? value : Array.isArray(schema.default) ? schema.default : []) as readonly Json[]
  if (item.enum !== undefined) return <Boxes {...props} schema={schema} options={item.enum} rows={rows} />
  if (item.type !== 'object') return <Lines {...props} rows={rows} />
  const set = (i: number, one: Json | undefined): void =>
    change(rows.flatMap((row, j) => (i === j ? (one === undefined ? [] : [one]) : [row])))
  const swap = (i: number, j: number): void =>
    change(rows.map((row, k) => (k === i ? rows[j]! : k === j ? rows[i]! : row)))
  return (
    <Group {...props}>
      {rows.map((row, i) => (
        // Rows have no name but their place.
        <div class="member" key={`${pointer}/${i}`}>
          <form.Field
            form={form}
            schema={item}
            name={name}
            title={`${oneNamed(name, lang)} ${i + 1}`}
            pointer={`${pointer}/${i}`}
            value={row}
            isRequired
            change={(one) => set(i, one)}
          />
          <div class="row">
            <Move what={`${i + 1}`} label={say(POLICY.up)} isEnd={i === 0} move={() => swap(i, i - 1)} />
            <Move
              what={`${i + 1}`}
              label={say(POLICY.down)}
              isEnd={i === rows.length - 1}
              move={() => swap(i, i + 1)}
            />
            <Remove what={String(i + 1)} remove={() => set(i, undefined)} />
          </div>
        </div>
      ))}
      <button type="button" onClick={() => change([...rows, emptyOf(form.schemas, item)])}>
        {say(POLICY.add)}: {oneNamed(name, lang)}
      </button>
    </Group>
  )
}

function Boxes(props: FieldProps & { readonly options: readonly Json[]; readonly rows: readonly Json[] }) {
  const { options, rows, change, form } = props
  return (
    <Group {...props}>
      <div class="row">
        {options.map((option) => (
          <label key={String(option)}>
            <input
              type="checkbox"
              checked={rows.includes(option)}
              onChange={({ currentTarget: { checked } }) =>
                change(options.filter((one) => (one === option ? checked : rows.includes(one))))
              }
            />{' '}
            {form.said.option(String(option))}
          </label>
        ))}
      </div>
    </Group>
  )
}

/** Ids, prefixes, code points: one a line. */
function Lines(props: FieldProps & { readonly rows: readonly Json[] }) {
  const { rows, change, pointer, form, schema, name, title, isRequired } = props
  const { lang } = useWords()
  const [text, setText] = useState(rows.join('\n'))
  const isNumber = ['integer', 'number'].includes(String(form.schemas.resolved(schema.items ?? {}).type))
  const wrong = form.faults.filter((fault) => (fault.pointer ?? '').startsWith(pointer))
  const write = (said: string): void => {
    setText(said)
    const words = said.split(/[\s,;]/).filter(Boolean)
    const next = words.map((one) => (isNumber && one !== '' && !Number.isNaN(Number(one)) ? Number(one) : one))
    change(next.length === 0 && !isRequired ? undefined : next)
  }
  return (
    <div class="field">
      <label for={pointer}>{title ?? fieldNamed(name, lang)}</label>
      <textarea
        id={pointer}
        rows={Math.min(8, Math.max(2, rows.length + 1))}
        spellcheck={false}
        aria-invalid={wrong.length > 0 || undefined}
        value={text}
        onInput={({ currentTarget: { value } }) => write(value)}
      />
      <Hint schema={schema} form={form} />
      {wrong.length > 0 && (
        <p class="bad" lang="en">
          {wrong.map(({ detail }) => detail).join(' ')}
        </p>
      )}
    </div>
  )
}

function Remove({ what, remove }: { readonly what: string; remove(): void }) {
  const { say } = useWords()
  return (
    <button type="button" aria-label={`${say(POLICY.remove)} ${what}`} onClick={remove}>
      {say(POLICY.remove)}
    </button>
  )
}

interface MoveProps {
  readonly what: string
  readonly label: string
  /** It can go no further; the button is there all the same, so that fields of all rows are as wide. */
  readonly isEnd: boolean
  move(): void
}

function Move({ what, label, isEnd, move }: MoveProps) {
  return (
    <button type="button" aria-label={`${label} ${what}`} disabled={isEnd} onClick={move}>
      {label}
    </button>
  )
}
