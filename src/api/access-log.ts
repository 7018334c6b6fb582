// A line in the log for each request, where a setting asks for it: who, which route, from where, how it went. The route
// stands for the address: what people put into an address (search texts, ids that are secrets) is nobody's business.

import type { App } from './app.js'

/** Added before the routes. */
export function logAccess(app: App): void {
  app.addHook('onResponse', async (request, reply) => {
    const { principal, method, ip: address } = request
    const route = request.is404 ? null : (request.routeOptions.url ?? null)
    const who = { actor: principal?.actor ?? 'nobody', via: principal?.via ?? '' }
    // Whoever shows something that nobody has is told apart from those who show nothing.
    const shown = request.headers.authorization !== undefined ? 'token' : request.headers.cookie ? 'cookie' : null
    const ms = Math.round(reply.elapsedTime)
    request.log.info({ ...who, shown, method, route, status: reply.statusCode, address, ms }, 'request')
  })
}
