// What a page is made of, in the browser and on the server: who reads it, in which language, and what its loader got
// from the API. The server writes this into the page; the browser goes on from there.

import type { Role } from '../model/principal.js'
import type { Me, Status, Transport } from './call.js'

export type Lang = 'en' | 'sw'

export interface PageData {
  /** Path and query, as the reader sees them. */
  readonly address: string
  readonly lang: Lang
  /** Null: nobody is signed in. */
  readonly me: Me | null
  readonly status: Status | null
  /** What the loader of the page gave; null: nothing. */
  readonly data: unknown
  /** Code of the problem that kept it from being loaded. */
  readonly problem: string | null
}

export interface PageAsked {
  readonly address: string
  readonly lang: Lang
  /** As the reader. */
  readonly send: Transport
  /** Lets others at this thread come before what takes time. */
  turn(): Promise<void>
  /** Names of files, as the build calls them; `more`: what the script will ask for, where a page is in this file. */
  assets(page: string): { readonly script: string; readonly style: string; readonly more: readonly string[] }
}

/** What the bundle for the server exports. */
export interface ConsoleServer {
  /** Addresses of its pages. */
  readonly patterns: readonly string[]
  /** Where somebody of these roles begins. */
  homeFor(roles: readonly Role[]): string
  /** HTML. */
  answer(asked: PageAsked): Promise<string>
}
