// One part of the policy, changed: as a form or as text, tried while somebody writes, so that what is wrong stands at
// its field and what it would do stands below, and saved once that has been seen. News never touch what is being
// written.

import { useEffect, useRef, useState } from 'preact/hooks'
import { Refused } from '../call.js'
import { after } from '../clock.js'
import { type Draft, isSame, rebased } from '../differences.js'
import { keep, readBack } from '../draft.js'
import { type Outcome, type PolicySource, type Read, readIds } from '../policy-source.js'
import { emptyOf, type Json, type PolicySchema, readSchema, type Schema } from '../schema.js'
import { type Store, useStore, useWords } from '../store.js'
import { POLICY } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'
import { Changes } from './changes.js'
import { ImpactShown } from './impact.js'
import { SavePolicy } from './policy-save.js'
import { PolicyText } from './policy-text.js'
import { SchemaField } from './schema-form.js'
import type { Forming, Said } from './schema-frame.js'
import { Fields } from './schema-groups.js'

interface Props {
  readonly collection: string
  readonly id: string | null
  readonly source: PolicySource
  /** What is in force, as the page has it. */
  readonly present: Json
  readonly isText: boolean
}

/** What an attempt at exactly this gave. */
interface Tried {
  readonly of: Json | undefined
  /** Revision before it. */
  readonly on: number | null
  readonly outcome: Outcome | null
  readonly refused: Refused | null
}

const PAUSE = 500

export function PolicyEditor(props: Props) {
  const { collection, id, source } = props
  const store = useStore()
  const { say } = useWords()
  const [schemas, setSchemas] = useState<PolicySchema | null>(null)
  const [draft, setDraft] = useState<Draft | null>(null)
  const schema = schemas?.of(collection, id !== null)
  useEffect(() => {
    Promise.all([readSchema(store.call), readNow(source)]).then(
      ([read, now]) => {
        setSchemas(read)
        setDraft(readBack(source.pointer, now) ?? fresh(now, read, read.of(collection, id !== null)))
      },
      (error: unknown) => store.complain(error),
    )
  }, [source])
  if (schemas === null || draft === null) return <p class="quiet">{say(POLICY.reading)}</p>
  if (schema === undefined) return <p>{say(TEXTS.notThere)}</p>
  return <Editing {...props} schemas={schemas} schema={schemas.resolved(schema)} draft={draft} setDraft={setDraft} />
}

/** What is not there yet is null. */
async function readNow(source: PolicySource): Promise<Read> {
  try {
    return await source.read()
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return { value: null, etag: null }
    throw error
  }
}

function fresh({ value, etag }: Read, schemas: PolicySchema, schema: Schema | undefined): Draft {
  return { base: value, etag, value: value ?? emptyOf(schemas, schema ?? {}) }
}

interface EditingProps extends Props {
  readonly schemas: PolicySchema
  readonly schema: Schema
  readonly draft: Draft
  setDraft(draft: Draft): void
}

function Editing({ collection, id, source, present, isText, schemas, schema, draft, setDraft }: EditingProps) {
  const store = useStore()
  const { say } = useWords()
  const [ids, setIds] = useState<Readonly<Record<string, readonly string[]>>>({})
  const [tried, again] = useTried(store, source, draft)
  /** Fields begin anew where the draft is another one. */
  const [round, setRound] = useState(0)
  const [isReadable, setReadable] = useState(true)
  const write = (next: Draft): void => {
    keep(source.pointer, next)
    setDraft(next)
  }
  const readAnew = async (make: (now: Read) => Draft): Promise<void> => {
    try {
      write(make(await readNow(source)))
      setRound(round + 1)
      again()
    } catch (error) {
      store.complain(error)
    }
  }
  const isChanged = !isSame(draft.base, draft.value)
  const hasMoved = !isSame(present, draft.base)
  const faults = tried?.refused?.problem.errors ?? []
  const change = (value: Json | undefined): void => write({ ...draft, value })
  const form = { schemas, faults, ids, said: useSaid(), Field: SchemaField }
  return (
    <div
      class="editor"
      onFocusIn={() => {
        if (Object.keys(ids).length === 0) readIds().then(setIds, (error: unknown) => store.complain(error))
      }}
    >
      {draft.base === null && <p>{say(POLICY.isNew)}</p>}
      {hasMoved && isChanged && <Moved layOn={() => void readAnew((now) => rebased(draft, now))} />}
      <DraftFields
        key={round}
        {...{ collection, schema, isText, change, form }}
        source={source}
        value={draft.value}
        tell={setReadable}
      />
      <div class="row">
        {isChanged && (
          <button type="button" onClick={() => void readAnew((now) => fresh(now, schemas, schema))}>
            {say(POLICY.discard)}
          </button>
        )}
        {id !== null && draft.base !== null && draft.value !== undefined && (
          <button type="button" class="danger" id="take-out" onClick={() => change(undefined)}>
            {say(POLICY.takeOut)}
          </button>
        )}
      </div>
      <section aria-live="polite" id="tried">
        <h2>{say(POLICY.preview)}</h2>
        {isChanged ? <TriedShown tried={tried} /> : <p class="quiet">{say(POLICY.unchanged)}</p>}
      </section>
      {isChanged && (
        <SavePolicy
          {...{ source, draft, outcome: isReadable && !hasMoved ? (tried?.outcome ?? null) : null }}
          saved={() => void readAnew((now) => fresh(now, schemas, schema))}
          refused={again}
        />
      )}
    </div>
  )
}

function Moved({ layOn }: { layOn(): void }) {
  const { say } = useWords()
  return (
    <p class="notice bad">
      {say(POLICY.moved)}
      <button type="button" onClick={layOn}>
        {say(POLICY.layOn)}
      </button>
    </p>
  )
}

/** As the schema has it, which is in English. */
const PLAIN: Said = { hint: (english) => english, option: (word) => word }

function useSaid(): Said {
  const { lang } = useWords()
  const [inSwahili, setInSwahili] = useState<Said | null>(null)
  useEffect(() => {
    if (lang !== 'sw') return
    import('../words/hints.js').then(
      ({ HINTS, OPTIONS }) =>
        setInSwahili({ hint: (english) => HINTS[english] ?? english, option: (word) => OPTIONS[word] ?? word }),
      // Without them the form says what the schema says.
      () => undefined,
    )
  }, [lang])
  return (lang === 'sw' && inSwahili) || PLAIN
}

interface DraftProps extends Pick<EditingProps, 'collection' | 'schema' | 'isText' | 'source'> {
  readonly form: Forming
  readonly value: Json | undefined
  change(value: Json): void
  tell(isReadable: boolean): void
}

function DraftFields({ collection, schema, isText, source: { pointer }, form, value, change, tell }: DraftProps) {
  if (value === undefined) return null
  const set = (next: Json | undefined): void => change(next ?? null)
  return (
    <div class="fields">
      {isText ? (
        <PolicyText value={value} faults={form.faults} change={change} tell={tell} />
      ) : schema.type === 'object' ? (
        <Fields form={form} schema={schema} pointer={pointer} value={value} change={set} />
      ) : (
        <SchemaField {...{ form, schema, pointer, value }} name={collection} isRequired change={set} />
      )}
    </div>
  )
}

/** Tries what is written as soon as its writer rests. @returns what came of exactly this, and how to try it again. */
function useTried(store: Store, source: PolicySource, { base, etag, value }: Draft): [Tried | null, () => void] {
  const [tried, setTried] = useState<Tried | null>(null)
  const [turn, setTurn] = useState(0)
  const round = useRef(0)
  // On another policy the same change is another one: for others, and for its guards.
  const on = store.revision.value
  useEffect(() => {
    const mine = ++round.current
    if (isSame(base, value)) return
    return after(PAUSE, () => {
      const tell = (found: Pick<Tried, 'outcome' | 'refused'>): void => {
        if (mine === round.current) setTried({ of: value, on, ...found })
      }
      source.write(value, etag, { dryRun: 'true' }).then(
        (found) => tell({ outcome: 'proposal' in found ? null : found, refused: null }),
        (error: unknown) => {
          if (error instanceof Refused) tell({ outcome: null, refused: error })
          else store.complain(error)
        },
      )
    })
  }, [value, etag, turn, on])
  return [tried !== null && tried.on === on && isSame(tried.of, value) ? tried : null, () => setTurn((n) => n + 1)]
}

function TriedShown({ tried }: { readonly tried: Tried | null }) {
  const { say, refusal } = useWords()
  if (tried === null) return <p class="quiet">{say(POLICY.checking)}</p>
  const { outcome, refused } = tried
  if (outcome !== null) return <ImpactShown preview={outcome} warnings={outcome.warnings} guards={outcome.guards} />
  if (refused === null) return null
  const { errors = [], conflict } = refused.problem
  if (errors.length === 0)
    return (
      <>
        <p class="bad">{refusal(refused)}</p>
        {conflict !== undefined && (
          <>
            <h3>{say(POLICY.theirs)}</h3>
            <Changes changes={conflict.theirs} />
            {conflict.both.length > 0 && (
              <p class="warn">
                {say(POLICY.both)}: {conflict.both.join(', ')}
              </p>
            )}
          </>
        )}
      </>
    )
  return (
    <>
      <h3 class="bad">{say(POLICY.wrong)}</h3>
      <ul lang="en">
        {errors.map(({ pointer = '', detail }) => (
          <li key={pointer + detail}>
            <button type="button" class="plain" onClick={() => document.getElementById(pointer)?.focus()}>
              <code>{pointer}</code>
            </button>{' '}
            {detail}
          </li>
        ))}
      </ul>
    </>
  )
}
