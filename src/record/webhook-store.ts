// Which webhooks there are, in the durable store: whoever leads the plane tells the same people, and a backup has them.
// A signature needs the secret itself, so it is kept; sealed, for those who read the store or a backup.

import { SEVERITIES } from '../model/alarm.js'
import { type DurableOptions, DurableStore } from '../runtime/durable.js'
import { jsonOrNull } from '../runtime/json.js'
import { readLibrary } from '../runtime/redis.js'
import type { Sealing } from '../runtime/sealing.js'
import * as z from '../runtime/zod.js'
import { keys } from '../wire/redis-keys.js'

const LIBRARY = readLibrary(new URL('./functions.lua', import.meta.url))
const REPLACE = 'mizani_webhooks_replace_1'

const about = {
  id: z.string(),
  url: z.string(),
  severity: z.enum(SEVERITIES),
  regions: z.array(z.string()),
  by: z.string(),
}
const sealedShape = z.object({ ...about, sealed: z.string() })
/** As releases before have written it. */
const clearShape = z.object({ ...about, secret: z.string() })

export interface Webhook extends z.infer<z.ZodObject<typeof about>> {
  /** Null: it was sealed where the key is another. */
  readonly secret: string | null
}
export type UsableWebhook = Webhook & { readonly secret: string }

/** Each @throws MizaniError READ_ONLY, STORE_UNAVAILABLE, OUTCOME_UNKNOWN. */
export interface WebhookStore {
  /**
   * By id: the store's own order changes from one reading to the next. What lies there in clear is sealed by this; a
   * store that takes no writes now is asked again the next time.
   */
  read(): Promise<readonly Webhook[]>
  put(webhook: UsableWebhook): Promise<void>
  /** As `put`, where there is one of this id still. */
  replace(webhook: UsableWebhook): Promise<boolean>
  remove(id: string): Promise<void>
}

export interface RedisWebhooksOptions extends DurableOptions {
  readonly plane: string
  readonly sealing: Sealing
}

export function redisWebhooks({ plane, sealing, ...options }: RedisWebhooksOptions): WebhookStore {
  const store = new DurableStore(options)
  const key = keys(plane).webhooks
  /** It opens for this receiver alone: who changes the address has no letters signed for his own. */
  const place = ({ id, url }: Pick<Webhook, 'id' | 'url'>): string => JSON.stringify(['webhook', plane, id, url])
  const textOf = ({ secret, ...webhook }: UsableWebhook): string =>
    JSON.stringify({ ...webhook, sealed: sealing.seal(secret, place(webhook)) })
  /** @param before the text that it takes the place of; empty: whatever is there */
  const replace = async (webhook: UsableWebhook, before: string): Promise<boolean> => {
    await store.assertDurable()
    const args = [webhook.id, before, textOf(webhook)]
    return (await store.call(LIBRARY, REPLACE, [key], args, 'Writing a webhook')) === 1
  }
  return {
    async put(webhook) {
      await store.assertDurable()
      await store.write(['HSET', key, webhook.id, textOf(webhook)], 'Writing a webhook')
    },
    replace: (webhook) => replace(webhook, ''),
    async read() {
      const found = await store.read('Reading the webhooks', (redis) => redis.hgetall(key))
      const webhooks: Webhook[] = []
      // What a newer release has written and this one cannot read is left out.
      for (const [, text] of Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1))) {
        const value = jsonOrNull(text)
        const clear = clearShape.safeParse(value).data
        // Null: see `read`.
        const isSealed = clear === undefined ? null : await replace(clear, text).catch(() => null)
        // Somebody was faster: what they made of it is read.
        if (isSealed === false) return this.read()
        if (clear !== undefined) webhooks.push(clear)
        const parsed = sealedShape.safeParse(value).data
        if (parsed === undefined) continue
        const { sealed, ...webhook } = parsed
        webhooks.push({ ...webhook, secret: sealing.unseal(sealed, place(webhook)) })
      }
      return webhooks
    },
    async remove(id) {
      await store.assertDurable()
      await store.write(['HDEL', key, id], 'Removing a webhook')
    },
  }
}
