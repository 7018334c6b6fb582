// The knobs of the demonstration. They exist only beside simulated edges; with real ones the routes are not there.

import * as z from '../runtime/zod.js'
import { type App, answers, type Context, GATED } from './app.js'
import { note } from './audit/audit-hook.js'
import { notFound } from './problem.js'

/** A hundred times the usual load is past every ceiling. */
const MAX_FACTOR = 100

const load = z.strictObject({ institution: z.string().min(1), factor: z.number().min(0).max(MAX_FACTOR) })
const edge = z.strictObject({ edge: z.string(), running: z.boolean() })
const config = { access: 'operator', told: ['subject', 'institution', 'factor', 'edge', 'running'] } as const
const problems = [...GATED, 'NOT_FOUND', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const

export function demoRoutes(app: App, { demo, log }: Context): void {
  if (demo === undefined) return
  app.post(
    '/v1/demo/load',
    {
      config,
      schema: {
        summary: 'Multiplies what a simulated institution offers',
        body: load,
        response: answers({ 200: load }, ...problems),
      },
    },
    async (request) => {
      const { institution, factor } = request.body
      if (!(await demo.setLoad(institution, factor))) throw notFound('institution behind a simulated edge', institution)
      note(request, { subject: institution })
      log.info({ institution, factor }, 'the offered load was changed')
      return { institution, factor }
    },
  )

  for (const verb of ['stop', 'start'] as const) {
    app.post(
      `/v1/demo/edges/:id/${verb}`,
      {
        config,
        schema: {
          summary: verb === 'stop' ? 'A simulated edge falls silent' : 'A simulated edge comes back',
          params: z.object({ id: z.string() }),
          response: answers({ 200: edge }, ...problems),
        },
      },
      async (request) => {
        const { id } = request.params
        const known = await (verb === 'stop' ? demo.stopEdge(id) : demo.startEdge(id))
        if (!known) throw notFound('simulated edge', id)
        log.info({ edge: id, verb }, 'a simulated edge was switched')
        return { edge: id, running: verb === 'start' }
      },
    )
  }
}
