// A form made of a schema: what it says of each field is its label, its hint and the way it is filled in. A value that
// nobody has written stays unwritten, and is what the policy takes by itself.

import { parseRate, writeRate } from '../../model/units.js'
import { collectionOf } from '../collections.js'
import { isTree, type Json } from '../schema.js'
import { useWords } from '../store.js'
import { fieldNamed } from '../words/field-texts.js'
import { POLICY } from '../words/policy-texts.js'
import { type FieldProps, faultsAt, Group, Hint } from './schema-frame.js'
import { ListField, ObjectField, RecordField } from './schema-groups.js'

export function SchemaField(props: FieldProps) {
  const schema = props.form.schemas.resolved(props.schema)
  const [first, second] = schema.anyOf ?? []
  if (schema.title === 'either') return <Either {...props} schema={schema} />
  // One form, or nothing.
  if (first !== undefined && second?.type === 'null') {
    const change = (value: Json | undefined): void => props.change(value === undefined || value === '' ? null : value)
    const inner = { ...schema, anyOf: undefined, default: undefined, ...props.form.schemas.resolved(first) }
    return (
      <SchemaField
        {...props}
        isRequired={false}
        schema={{ ...inner, description: schema.description }}
        change={change}
      />
    )
  }
  if (schema.title === 'name') return <NameField {...props} schema={schema} />
  if (schema.title !== 'rate' && schema.prefixItems !== undefined) return <Tuple {...props} schema={schema} />
  if (schema.type === 'array') return <ListField {...props} schema={schema} />
  if (schema.type === 'object')
    return schema.properties === undefined ? (
      <RecordField {...props} schema={schema} />
    ) : (
      <ObjectField {...props} schema={schema} />
    )
  return <Labelled {...props} schema={schema} />
}

/** A field with its label, its hint and what is wrong with it. */
function Labelled(props: FieldProps) {
  const { pointer, name, title, schema, isRequired, form } = props
  const { lang } = useWords()
  const wrong = faultsAt(form.faults, pointer)
  return (
    <div class="field">
      <label for={pointer}>
        {title ?? fieldNamed(name, lang)}
        {isRequired && <span aria-hidden="true"> *</span>}
      </label>
      <Input {...props} />
      <Hint schema={schema} form={form} />
      {wrong.length > 0 && (
        <p class="bad" id={`${pointer} wrong`} lang="en">
          {wrong.join(' ')}
        </p>
      )}
    </div>
  )
}

function Input({ pointer, name, schema, value, isRequired, change, form }: FieldProps) {
  const { say } = useWords()
  const isWrong = form.faults.some((fault) => fault.pointer === pointer)
  const common = {
    ...{ id: pointer, 'aria-invalid': isWrong || undefined },
    'aria-describedby': isWrong ? `${pointer} wrong` : undefined,
  }
  const text = (said: string): void => change(said === '' && !isRequired ? undefined : said)
  if (schema.enum !== undefined) return <Options {...{ common, form, schema, value, isRequired, change }} />
  if (schema.type === 'boolean')
    return (
      <input
        {...common}
        type="checkbox"
        checked={value === true}
        onChange={({ currentTarget: { checked } }) =>
          change(checked || schema.const === undefined ? checked : undefined)
        }
      />
    )
  if (schema.title === 'rate')
    return (
      <input
        {...common}
        value={typeof value === 'number' ? writeRate(value) : typeof value === 'string' ? value : ''}
        placeholder="20Mbps"
        spellcheck={false}
        onInput={({ currentTarget: { value: said } }) => text(said)}
        onBlur={() => typeof value === 'string' && change(parseRate(value) ?? value)}
      />
    )
  if (schema.type === 'integer' || schema.type === 'number')
    return (
      <input
        {...common}
        type="number"
        step={schema.type === 'integer' ? 1 : 'any'}
        value={typeof value === 'number' ? value : ''}
        placeholder={typeof schema.default === 'number' ? String(schema.default) : undefined}
        onInput={({ currentTarget: { value: said } }) => change(said === '' ? undefined : Number(said))}
      />
    )
  const choices = schema.title === 'id' ? form.ids[collectionOf(name)] : undefined
  return (
    <>
      <input
        {...common}
        type={schema.format === 'date' ? 'date' : 'text'}
        list={choices === undefined ? undefined : `${pointer} ids`}
        value={typeof value === 'string' ? value : ''}
        placeholder={value === null ? say(POLICY.choose) : undefined}
        spellcheck={false}
        onInput={({ currentTarget: { value: said } }) => text(said)}
      />
      {choices !== undefined && (
        <datalist id={`${pointer} ids`}>
          {choices.map((id) => (
            <option key={id} value={id} />
          ))}
        </datalist>
      )}
    </>
  )
}

interface OptionsProps extends Pick<FieldProps, 'form' | 'schema' | 'value' | 'isRequired' | 'change'> {
  readonly common: object
}

function Options({ common, form, schema, value, isRequired, change }: OptionsProps) {
  const { say } = useWords()
  const { enum: options = [], default: usual } = schema
  const shown = value ?? usual ?? ''
  return (
    <select
      {...common}
      value={String(shown)}
      onChange={({ currentTarget: { value: said } }) => change(options.find((option) => String(option) === said))}
    >
      {(!isRequired || value === undefined) && usual === undefined && <option value="">{say(POLICY.choose)}</option>}
      {options.map((option) => (
        <option key={String(option)} value={String(option)} selected={option === shown}>
          {form.said.option(String(option))}
        </option>
      ))}
    </select>
  )
}

/** One value for two directions, written as two. */
function Either(props: FieldProps) {
  const { schema, value, change, pointer } = props
  const [one = {}] = schema.anyOf ?? []
  const ways = isTree(value) ? value : { down: value, up: value }
  const set = (way: 'down' | 'up') => (said: Json | undefined) => {
    const next = { ...ways, [way]: said }
    change(next.down === undefined && next.up === undefined ? undefined : next)
  }
  return (
    <Group {...props}>
      <div class="pair">
        {(['down', 'up'] as const).map((way) => (
          <Labelled
            key={way}
            {...props}
            schema={{ ...one, description: undefined }}
            name={way}
            title={undefined}
            pointer={`${pointer}/${way}`}
            value={ways[way]}
            change={set(way)}
          />
        ))}
      </div>
    </Group>
  )
}

function NameField(props: FieldProps) {
  const { value, change, pointer, isRequired } = props
  const said = isTree(value) ? value : {}
  return (
    <Group {...props}>
      <div class="pair">
        {(['en', 'sw'] as const).map((language) => (
          <Labelled
            key={language}
            {...props}
            schema={{ type: 'string' }}
            name={language}
            title={undefined}
            isRequired={isRequired}
            pointer={`${pointer}/${language}`}
            value={said[language]}
            change={(text) => change({ ...said, [language]: text ?? '' })}
          />
        ))}
      </div>
    </Group>
  )
}

function Tuple(props: FieldProps) {
  const { schema, value, change, pointer } = props
  const parts = schema.prefixItems ?? []
  const said = Array.isArray(value) ? (value as readonly Json[]) : []
  const set = (i: number, part: Json | undefined): void => {
    const next = parts.map((_, j) => (i === j ? part : said[j]) ?? 0)
    change(part === undefined && !props.isRequired ? undefined : next)
  }
  return (
    <Group {...props}>
      <div class="pair">
        {parts.map((part, i) => (
          <Labelled
            key={`${pointer}/${i}`}
            {...props}
            schema={part}
            name={i === 0 ? 'x' : 'y'}
            title={undefined}
            pointer={`${pointer}/${i}`}
            value={said[i]}
            change={(one) => set(i, one)}
          />
        ))}
      </div>
    </Group>
  )
}
