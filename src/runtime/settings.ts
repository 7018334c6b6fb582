// Which settings a process has: the shape of config/mizani.yaml with the built-in defaults. How they are read, and
// which variable sets which, stands in config.ts.

import { z } from 'zod'
import { SEVERITIES } from '../model/alarm.js'
import { MAX_ID_LENGTH, MAX_WORKERS } from './limits.js'
import { LOG_LEVELS } from './log.js'
import { faultOfAddress } from './store-address.js'

export const DRIVERS = ['linux-htb', 'routeros', 'radius-coa', 'simulated', 'dry-run'] as const
export type DriverName = (typeof DRIVERS)[number]

const path = z.string().min(1)
const address = z.string().superRefine((text, { addIssue }) => {
  const fault = faultOfAddress(text)
  if (fault !== null) addIssue({ code: 'custom', message: fault })
})

/** What config/mizani.yaml may say, with the built-in defaults. The comments for people stand in that file. */
export const settingsSchema = z.strictObject({
  /** Of a controller among others; null: any name. */
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,31}$/, 'expected up to 32 of a-z, 0-9, "." and "-"')
    .nullable()
    .default(null),
  plane: path.default('config/taifa'),
  data: path.default('data'),
  logLevel: z.enum(LOG_LEVELS).default('info'),
  demo: z.boolean().default(true),
  http: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(8080),
      trustProxy: z.boolean().default(false),
      tls: z.strictObject({ certificate: path, key: path }).nullable().default(null),
      publicUrl: z
        .url({ protocol: /^https?$/, error: 'expected https://host:port' })
        .nullable()
        .default(null),
    })
    .prefault({}),
  redis: z
    .strictObject({
      durable: address.nullable().default(null),
      volatile: address.nullable().default(null),
      /** Of the volatile store, with a user that may write ACLs. */
      admin: address.nullable().default(null),
      /** Of the volatile store as edges reach it, without an account. */
      forEdges: address.nullable().default(null),
      tls: z
        .strictObject({
          ca: path.nullable().default(null),
          certificate: path.nullable().default(null),
          key: path.nullable().default(null),
          servername: z.string().min(1).nullable().default(null),
        })
        .prefault({}),
    })
    .prefault({}),
  history: z
    .strictObject({
      months: z.int().min(1).max(120).default(13),
      gigabytes: z.number().min(0.1).max(10_000).default(20),
    })
    .prefault({}),
  webhooks: z.strictObject({ allow: z.array(z.string().min(1)).default([]) }).prefault({}),
  mail: z
    .strictObject({
      host: z.string().min(1),
      port: z.int().min(1).max(65_535).default(587),
      secure: z.boolean().default(false),
      user: z.string().min(1).nullable().default(null),
      from: z.string().min(3),
      to: z.array(
        z.strictObject({
          address: z.string().min(3),
          severity: z.enum(SEVERITIES).default('major'),
          regions: z.array(z.string().min(1)).default([]),
        }),
      ),
    })
    .nullable()
    .default(null),
  workers: z.int().min(0).max(MAX_WORKERS).default(0),
  edge: z
    .strictObject({
      id: z.string().min(1).max(MAX_ID_LENGTH).nullable().default(null),
      driver: z.enum(DRIVERS).nullable().default(null),
      lan: z.string().min(1).nullable().default(null),
      wan: z.string().min(1).nullable().default(null),
      /** The router or access server that this agent sets. */
      device: z
        .strictObject({
          address: z.url({ protocol: /^(https?|radius)$/, error: 'expected https://host or radius://host:3799' }),
          user: z.string().min(1).nullable().default(null),
          /** PEM file of who vouches for it. */
          ca: path.nullable().default(null),
        })
        .nullable()
        .default(null),
      /** Where the agent offers its metrics; its local socket always does. */
      metrics: z
        .strictObject({ host: z.string().min(1).default('127.0.0.1'), port: z.int().min(0).max(65_535) })
        .nullable()
        .default(null),
    })
    .prefault({}),
})

export type FileSettings = z.infer<typeof settingsSchema>
