// What a page weighs: its heap once all that can be collected is, and its nodes.

import type { CDPSession, Page } from 'playwright-core'

export async function heapIn(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage')
  const { metrics } = await devtools.send('Performance.getMetrics')
  return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 2 ** 20
}

/** MiB. */
export async function heapOf(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  const heap = await heapIn(devtools)
  await devtools.detach()
  return heap
}

export const nodesOf = async (page: Page): Promise<number> =>
  Number(await page.evaluate('document.querySelectorAll("*").length'))
