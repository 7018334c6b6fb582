// Which webhooks there are, in the durable store: whoever leads the plane tells the same people, and a backup has them.
// A signature needs the secret itself, so it is kept; sealed, for those who read the store or a backup.

import { z } from 'zod'
import { SEVERITIES } from '../model/alarm.js'
import { type DurableOptions, DurableStore } from '../runtime/durable.js'
import { jsonOrNull } from '../runtime/json.js'
import type { Sealing } from '../runtime/sealing.js'
import { keys } from '../wire/redis-keys.js'

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
  /** What lies there in clear is sealed by this; a store that takes no writes now is asked again the next time. */
  read(): Promise<readonly Webhook[]>
  put(webhook: UsableWebhook): Promise<void>
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
  const put = async ({ secret, ...webhook }: UsableWebhook): Promise<void> => {
    await store.assertDurable()
    const kept = { ...webhook, sealed: sealing.seal(secret, place(webhook)) }
    await store.write(['HSET', key, webhook.id, JSON.stringify(kept)], 'Writing a webhook')
  }
  return {
    put,
    async read() {
      const found = await store.read('Reading the webhooks', (redis) => redis.hgetall(key))
      const webhooks: Webhook[] = []
      // What a newer release has written and this one cannot read is left out.
      for (const value of Object.values(found).map(jsonOrNull)) {
        const clear = clearShape.safeParse(value).data
        if (clear !== undefined) await put(clear).catch(() => undefined) // see `read`
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
