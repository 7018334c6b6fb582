// The stores of the page `config/production/README.md`, started from the very files beside it: only folders, ports,
// certificates and passwords are a test's own.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeAuthority, type Pair } from '../faults/certificates.js'
import { type Server, type ServerOptions, signIn, startServer } from '../faults/redis-server.js'
import type { Ending } from '../harness/place.js'
import { ROOT } from '../harness/root.js'

const shipped = (file: string): string => join(ROOT, 'config/production', file)
const secretOf = (user: string): string => `of-${user}-as-long-as-one-that-nobody-guesses`

/** What the page has a person do with `sed`. */
const filled = (text: string): string =>
  text.replace(/PASSWORD-OF-([A-Z]+)/g, (_, user: string) => secretOf(user.toLowerCase()))

export class ProductionStores {
  readonly #ending: Ending
  readonly #folder: string
  readonly #own: Pair & { readonly ca: string }

  constructor(ending: Ending, folder: string) {
    const authority = makeAuthority(join(folder, 'ca'))
    this.#ending = ending
    this.#folder = folder
    this.#own = { ...authority.issue('localhost'), ca: authority.certificate }
  }

  address(user: string, port: number): string {
    return `rediss://${user}:${secretOf(user)}@127.0.0.1:${port}?${new URLSearchParams({ ...this.#own })}`
  }

  /** The policy store as its Sentinel knows it. */
  byName(sentinel: number): string {
    const asking = { 'sentinel-user': 'asking', 'sentinel-password': secretOf('asking') }
    const more = new URLSearchParams({ ...this.#own, ...asking })
    return `rediss+sentinel://policy:${secretOf('policy')}@127.0.0.1:${sentinel}/policy?${more}`
  }

  /** @param node a name for its folder: started again it finds what it had. */
  start(store: 'policy-store' | 'rates-store', node: string, user: string, more: Partial<ServerOptions> = {}) {
    const folder = join(this.#folder, node)
    const users = join(folder, 'users.acl')
    mkdirSync(folder, { recursive: true })
    if (!existsSync(users)) writeFileSync(users, filled(readFileSync(shipped(`${store}.acl`), 'utf8')))
    // A replica is served at once, not with those that may come in the next five seconds.
    const args = ['--aclfile', users, '--repl-diskless-sync-delay', '0', ...(more.args ?? [])]
    return this.#start(`${store}.conf`, folder, user, { ...more, args })
  }

  /** One of them: that two of three agree is Redis' own. */
  async sentinel(master: number): Promise<Server> {
    const monitored = (text: string): string =>
      text
        .replace(/ 10\.0\.0\.11 6391 2$/m, ` 127.0.0.1 ${master} 1`)
        .replace(/(down-after-milliseconds policy) \d+/, '$1 500')
        .replace(/(failover-timeout policy) \d+/, '$1 2000')
    const folder = join(this.#folder, 'sentinel')
    const server = await this.#start('sentinel.conf', folder, 'asking', { args: ['--sentinel'] }, monitored)
    // What a server says of its role it asks for several times a second, not every ten, and believes as much sooner.
    const itself = await signIn(this.#ending, this.address('sentinel', server.port))
    await itself.call('SENTINEL', 'DEBUG', 'info-period', 200, 'publish-period', 200)
    return server
  }

  #start(
    conf: string,
    folder: string,
    user: string,
    more: Partial<ServerOptions>,
    edit: (text: string) => string = (text) => text,
  ): Promise<Server> {
    mkdirSync(folder, { recursive: true })
    const file = join(folder, conf)
    // The folder is there when the file is read.
    const text = filled(readFileSync(shipped(conf), 'utf8')).replace(/^dir .*$/m, `dir ${folder}`)
    if (!existsSync(file)) writeFileSync(file, edit(text))
    const address = (port: number): string => this.address(user, port)
    return startServer(this.#ending, { folder, tls: this.#own, address, ...more, conf: file })
  }
}
