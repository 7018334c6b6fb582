// Which webhooks there are, in the durable store: whoever leads the plane tells the same people, and a backup has them.
// With the secret that signs, because a signature needs the secret itself.

import { z } from 'zod'
import { SEVERITIES } from '../model/alarm.js'
import { type DurableOptions, DurableStore } from '../runtime/durable.js'
import { keys } from '../wire/redis-keys.js'

const webhookShape = z.object({
  id: z.string(),
  url: z.string(),
  secret: z.string(),
  severity: z.enum(SEVERITIES),
  regions: z.array(z.string()),
  by: z.string(),
})
export type Webhook = z.infer<typeof webhookShape>

/** Each @throws MizaniError READ_ONLY, STORE_UNAVAILABLE, OUTCOME_UNKNOWN. */
export interface WebhookStore {
  read(): Promise<readonly Webhook[]>
  put(webhook: Webhook): Promise<void>
  remove(id: string): Promise<void>
}

export function redisWebhooks({ plane, ...options }: DurableOptions & { readonly plane: string }): WebhookStore {
  const store = new DurableStore(options)
  const key = keys(plane).webhooks
  return {
    async read() {
      const found = await store.read('Reading the webhooks', (redis) => redis.hgetall(key))
      // What a newer release has written and this one cannot read is left out.
      return Object.values(found).flatMap((text) => webhookShape.safeParse(JSON.parse(text)).data ?? [])
    },
    async put(webhook) {
      await store.assertDurable()
      await store.write(['HSET', key, webhook.id, JSON.stringify(webhook)], 'Writing a webhook')
    },
    async remove(id) {
      await store.assertDurable()
      await store.write(['HDEL', key, id], 'Removing a webhook')
    },
  }
}
