// What tests import as `tap`, in which a file is one test of those that its process runs (suite.mjs).

import { t as whole } from 'tap'

let running = whole

/** Runs a file, and all tests that it makes, as one test; resolves when they have ended. */
export const runAsOne = (file, load) =>
  whole.test(file, async (test) => {
    running = test
    await load()
  })

/** So far, in assertions. */
export const counted = () => whole.counts.toJSON()

/** For all files together. */
export const waitFor = (ms) => whole.setTimeout(ms)

/** Methods go with the test that they are of. */
export default new Proxy(
  {},
  {
    get: (_, key) => (typeof running[key] === 'function' ? running[key].bind(running) : running[key]),
    set: (_, key, value) => Reflect.set(running, key, value),
  },
)
