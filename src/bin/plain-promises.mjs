// Loaded before tap, which would have Node call it for every promise that is made and thrown away, to tell of an error
// that nobody caught in which subtest it began. Stories of a thousand ticks make millions of promises: it took a third
// of their time. Without it such an error is told of the file, which fails all the same.

import asyncHooks from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'

const none = { enable: () => none, disable: () => none }
asyncHooks.createHook = () => none
syncBuiltinESMExports()
