// Sign-in by a directory: LDAP (RFC 4511), by binding as whoever types a name and a password. A bind with a name and an
// empty password succeeds in many directories and proves nothing (RFC 4513 section 5.1.2), so none is ever sent. The
// groups are read anew at each sign-in. Each has connections of its own, so that nobody is ever bound as another.

import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectSecurely } from 'node:tls'
import type { Client, Entry } from 'ldapts'
import type { Milliseconds } from '../../model/units.js'
import { readPem } from '../../runtime/certificates.js'
import { type Clock, nextRound } from '../../runtime/clock.js'
import { MizaniError, messageOf } from '../../runtime/errors.js'
import type { LdapSettings } from '../../runtime/identity-settings.js'
import { MAX_DIRECTORY_SIGN_INS, PROVIDER_PATIENCE } from '../../runtime/limits.js'
import type { Logger } from '../../runtime/log.js'
import { accountIdOf, type Introduced, plain, rightsOf, shownName } from './introduced.js'

/** Results of a bind by which somebody is not let in (RFC 4511 section 4.1.9); all else is no answer. */
const REFUSED: readonly number[] = [
  ...[19, 32, 34], // a rule of the directory's own, such as a lock; nobody of that name; no such name
  ...[48, 49, 50, 53], // not this way, wrong, not entitled, unwilling
]
/** So that one name has one spelling, here and for whoever counts guesses: see directoryName. */
const NAME = /^[a-z0-9][a-z0-9._@-]{0,62}$/
const PLACE = '{}'
const LOST = 'the connection was lost'
/** All that a sign-in asks takes no longer. */
const DEADLINE: Milliseconds = 3 * PROVIDER_PATIENCE
/** More groups than anybody is in for a reason. */
const MAX_GROUPS = 2_000

export interface DirectoryOptions {
  readonly settings: LdapSettings
  /** Of `settings.bind`. */
  readonly password: string | null
  readonly clock: Clock
  readonly log: Logger
}

/**
 * As a directory is asked for it: directories tell no capitals apart, and one that took `Asha` and `asha` for two names
 * here would have twice the guesses. Null: no directory is asked for this.
 */
export function directoryName(typed: string): string | null {
  const name = typed.trim().toLowerCase()
  return NAME.test(name) ? name : null
}

export class Directory {
  readonly #options: DirectoryOptions
  #open = 0

  constructor(options: DirectoryOptions) {
    this.#options = options
  }

  /**
   * @param name as directoryName gives it
   * @returns null: this is not the way in, and nothing says which part of it was wrong
   * @throws MizaniError PROVIDER_UNAVAILABLE; RATE_LIMITED: too many sign in at this moment; FORBIDDEN: the entry lacks
   * what an account needs.
   */
  async signIn(name: string, password: string): Promise<Introduced | null> {
    if (password === '' || !NAME.test(name)) return null
    if (this.#open >= MAX_DIRECTORY_SIGN_INS) {
      throw new MizaniError({ code: 'RATE_LIMITED', message: 'Too many people sign in at this moment; try again.' })
    }
    this.#open++
    try {
      return await this.#asked((searcher) => this.#signIn(searcher, name, password))
    } finally {
      this.#open--
    }
  }

  /** Whether it answers, lets us search, and has the branch of people, for the doctor. @throws MizaniError. */
  async look(): Promise<{ readonly isBound: boolean; readonly people: number }> {
    const { settings } = this.#options
    return this.#asked(async (client) => {
      if (settings.bind === null) {
        await client.search('', { scope: 'base', attributes: ['1.1'] })
        return { isBound: false, people: 0 }
      }
      await this.#bindSearcher(client)
      const { searchEntries } = await client.search(settings.people, { scope: 'base', attributes: ['1.1'] })
      return { isBound: true, people: searchEntries.length }
    })
  }

  async #signIn(searcher: Client, name: string, password: string): Promise<Introduced | null> {
    const { settings, log } = this.#options
    if (settings.dn !== null) {
      const dn = settings.dn.replace(PLACE, () => name)
      if (!(await isBound(searcher, dn, password))) return null
      const entry = await this.#entryAt(searcher, dn)
      return entry === null ? null : this.#introduced(searcher, entry)
    }
    await this.#bindSearcher(searcher)
    const found = await this.#entriesOf(searcher, name)
    if (found.length > 1) log.warn({ people: found.length }, 'a name is that of several people in the directory')
    const [entry] = found.length === 1 ? found : []
    // Whoever is not there is tried too, so that the time tells nothing.
    const dn = entry?.dn ?? `cn=nobody,${settings.people}`
    const isRight = await this.#asked((own) => isBound(own, dn, password))
    return !isRight || entry === undefined ? null : this.#introduced(searcher, entry)
  }

  async #bindSearcher(client: Client): Promise<void> {
    const { settings, password } = this.#options
    if (settings.bind === null) return
    if (password !== null && (await isBound(client, settings.bind, password))) return
    const message = `The directory ${settings.url} does not let us search as ${settings.bind}.`
    throw new MizaniError({
      code: 'PROVIDER_UNAVAILABLE',
      message,
      advice: 'Compare ldap.bind and LDAP_PASSWORD with it.',
    })
  }

  async #entriesOf(client: Client, name: string): Promise<Entry[]> {
    const { settings } = this.#options
    const filter = await filled(settings.filter, name)
    const { searchEntries } = await client.search(settings.people, {
      ...this.#wanted(),
      scope: 'sub',
      filter,
      sizeLimit: 2,
    })
    return searchEntries
  }

  async #entryAt(client: Client, dn: string): Promise<Entry | null> {
    const { searchEntries } = await client.search(dn, { ...this.#wanted(), scope: 'base' })
    return searchEntries[0] ?? null
  }

  #wanted() {
    const { id, subject, name, groups } = this.#options.settings
    const attributes = [id, subject, name, ...('attribute' in groups ? [groups.attribute] : [])]
    return { attributes, explicitBufferAttributes: [subject] }
  }

  async #introduced(client: Client, entry: Entry): Promise<Introduced> {
    const { settings } = this.#options
    const [named] = textsOf(entry, settings.id)
    const subject = subjectOf(entry, settings.subject)
    if (named === undefined || subject === null) {
      const message = `The directory says nothing of ${named === undefined ? settings.id : settings.subject}.`
      const advice = 'The settings ldap.id and ldap.subject name the attributes; the searcher must be let read them.'
      throw new MizaniError({ code: 'FORBIDDEN', message, advice })
    }
    const id = accountIdOf(named)
    const rights = rightsOf(await this.#groupsOf(client, entry), settings.roles)
    return { source: 'ldap', subject, id, name: shownName(textsOf(entry, settings.name)[0] ?? '', id), rights }
  }

  async #groupsOf(client: Client, entry: Entry): Promise<string[]> {
    const { groups } = this.#options.settings
    if ('attribute' in groups) return textsOf(entry, groups.attribute)
    const filter = await filled(groups.filter, entry.dn)
    const { base, name } = groups
    const { searchEntries } = await client.search(base, {
      ...{ scope: 'sub', filter, attributes: [name ?? '1.1'], sizeLimit: MAX_GROUPS },
    })
    // Whoever keeps a branch further down could call a group there as one of ours is called, or by the DN of one.
    const namesOf = (group: Entry): string[] =>
      name === null || !isDirectlyUnder(group.dn, base) ? [] : textsOf(group, name).filter((one) => !one.includes('='))
    return searchEntries.flatMap((group) => [group.dn, ...namesOf(group)])
  }

  /** Over a connection of its own, which ends with the work. */
  async #asked<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const { settings, log, clock } = this.#options
    const { url } = settings
    const sockets = new OneSocket()
    const late = new AbortController()
    try {
      const client = await this.#client(sockets)
      // Of a server that takes a connection and then says nothing, not every silence has an end of its own.
      const patience = clock.sleep(DEADLINE, late.signal).then(() => {
        throw new Error(`no answer within ${DEADLINE} ms`)
      })
      const secured = async (): Promise<T> => {
        if (settings.startTls) await client.startTLS({ ...this.#tls(), ...nameFor(new URL(url).hostname) })
        return work(client)
      }
      return await Promise.race([secured(), patience, sockets.lost])
    } catch (error) {
      if (error instanceof MizaniError) throw error
      log.warn({ err: error, directory: url }, 'the directory does not answer as one')
      const message = `The directory ${url} does not answer as one: ${messageOf(error)}.`
      const advice = 'Accounts with a password of their own sign in as always; `mizani doctor` looks at the directory.'
      throw new MizaniError({ code: 'PROVIDER_UNAVAILABLE', message, advice, cause: error })
    } finally {
      late.abort()
      sockets.close()
    }
  }

  async #client(sockets: OneSocket): Promise<Client> {
    const { url } = this.#options.settings
    const { Client } = await import('ldapts')
    return new Client({
      ...{ url, timeout: PROVIDER_PATIENCE, connectTimeout: PROVIDER_PATIENCE, strictDN: false },
      ...(url.startsWith('ldaps:')
        ? { tlsOptions: this.#tls(), createSecureConnection: sockets.once(connectSecurely) }
        : { createConnection: sockets.once(connect), createSecureConnection: upgraded }),
    })
  }

  #tls() {
    const { ca } = this.#options.settings
    return { ...(ca === null ? {} : { ca: readPem('CA of ldap', ca) }), minVersion: 'TLSv1.2' as const }
  }
}

/**
 * The library connects anew where a connection was lost. After StartTLS that would be in clear, and whoever cut it off
 * could say what groups somebody is in; so there is one connection, and what is lost is lost.
 */
class OneSocket {
  #socket: Socket | null = null
  #lose: (why: Error) => void = () => undefined
  /** Rejects where it is: under StartTLS the library does not see it, and would wait for an answer. */
  readonly lost = new Promise<never>((_, reject) => {
    this.#lose = reject
  })

  once<Connect extends (...args: never[]) => Socket>(connecting: Connect): Connect {
    const connectOnce = (...args: Parameters<Connect>): Socket => {
      if (this.#socket !== null) throw new Error(LOST)
      this.#socket = withoutThrowing(connecting(...args))
      // What the library has to say of it comes first.
      this.#socket.once('close', () => nextRound(() => this.#lose(new Error(LOST))))
      return this.#socket
    }
    return connectOnce as Connect
  }

  close(): void {
    this.#socket?.destroy()
  }
}

/** An error that nobody hears ends the process, and the library takes its listeners away before a socket is gone. */
function withoutThrowing<Any extends Socket>(socket: Any): Any {
  const nothing = (): undefined => undefined
  socket.on('error', nothing)
  socket.on('removeListener', (_, listener) => {
    if (listener === nothing) socket.on('error', nothing)
  })
  return socket
}

/** What StartTLS makes of the connection. */
const upgraded = ((options: ConnectionOptions) => withoutThrowing(connectSecurely(options))) as typeof connectSecurely

/** Whose certificate it has to be; an address is no name for TLS (RFC 6066 section 3). */
function nameFor(hostname: string): { readonly host: string; readonly servername?: string } {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 ? { host, servername: host } : { host }
}

const isDirectlyUnder = (dn: string, base: string): boolean =>
  plain(dn.replace(/^(?:\\.|[^,\\])*,/, '')) === plain(base)

/** False: not with this password. */
async function isBound(client: Client, dn: string, password: string): Promise<boolean> {
  const { ResultCodeError } = await import('ldapts')
  if (password === '') return false
  try {
    await client.bind(dn, password)
    return true
  } catch (error) {
    if (error instanceof ResultCodeError && REFUSED.includes(error.code)) return false
    throw error
  }
}

/** A filter with what stands for {}, escaped (RFC 4515 section 3). */
async function filled(filter: string, value: string): Promise<string> {
  const { escapeFilter } = await import('ldapts')
  return filter.replace(PLACE, () => escapeFilter`${value}`)
}

/** Attributes are asked for as people write them, and answered as the directory does. */
function valuesOf(entry: Entry, attribute: string): (Buffer | string)[] {
  const name = Object.keys(entry).find((key) => key.toLowerCase() === attribute.toLowerCase())
  return name === undefined ? [] : [entry[name] ?? []].flat()
}

const textsOf = (entry: Entry, attribute: string): string[] => valuesOf(entry, attribute).map(String).filter(Boolean)

/** Text as it is, anything else in hex: objectGUID is 16 bytes. */
function subjectOf(entry: Entry, attribute: string): string | null {
  const [value] = valuesOf(entry, attribute)
  if (value === undefined || value.length === 0) return null
  const text = String(value)
  return /^[\x21-\x7e]+$/.test(text) ? text : Buffer.from(value).toString('hex')
}
