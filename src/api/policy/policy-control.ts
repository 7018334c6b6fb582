// The routes of policy control, where the server is handed what they need.

import type { App, Context } from '../app.js'
import { modeRoutes } from '../in-force/modes.js'
import { overrideRoutes } from '../in-force/overrides.js'
import { linkStateRoutes } from '../network/link-state.js'
import type { ControlPort } from './control-port.js'
import { importRoutes } from './imports.js'
import { partRoutes } from './policy-parts.js'
import { previewRoutes } from './preview.js'
import { proposalRoutes } from './proposals.js'
import { revisionRoutes } from './revisions.js'

export type ControlContext = Context & { readonly control: ControlPort }

export function policyControlRoutes(app: App, context: Context): void {
  const { control } = context
  if (control === undefined) return
  const handed = { ...context, control }
  previewRoutes(app, handed)
  revisionRoutes(app, handed)
  partRoutes(app, handed)
  importRoutes(app, handed)
  proposalRoutes(app, handed)
  overrideRoutes(app, handed)
  modeRoutes(app, handed)
  linkStateRoutes(app, handed)
}
