// Every write of the API that a person may ask for, and the page of the console that does it without JSON. A new route
// belongs here, by a decision: the test fails until it does.

export const WRITE_PAGES: Readonly<Record<string, string>> = {
  'POST /v1/session': '/',
  'DELETE /v1/session': '/',
  'POST /v1/session/provider': '/',
  'POST /v1/session/provider/return': '/',
  'POST /v1/session/factor': '/',
  'POST /v1/session/passkey': '/',
  'POST /v1/session/passkey/options': '/',
  'POST /v1/me/factors/passkeys': '/me',
  'POST /v1/me/factors/passkeys/options': '/me',
  'POST /v1/me/factors/totp': '/me',
  'POST /v1/me/factors/totp/confirm': '/me',
  'DELETE /v1/me/factors/{id}': '/me',
  'POST /v1/me/password': '/me',
  'DELETE /v1/sessions/{id}': '/people',
  'POST /v1/users': '/people',
  'PATCH /v1/users/{id}': '/people/:id',
  'DELETE /v1/users/{id}/factors': '/people/:id',
  'POST /v1/users/{id}/vouch': '/people/:id',
  'POST /v1/tokens': '/people',
  'DELETE /v1/tokens/{id}': '/people',
  'POST /v1/emergency-account': '/people',
  'POST /v1/emergency-account/sign': '/people',
  'POST /v1/alarms/{id}/acknowledge': '/alarms',
  'POST /v1/institutions/{id}/what-if': '/institutions/:id',
  'POST /v1/overrides': '/institutions/:id',
  'DELETE /v1/overrides/{id}': '/in-force',
  'POST /v1/links/{id}/state': '/links/:id',
  'POST /v1/edges/{id}/enforcement': '/edges/:id',
  'DELETE /v1/edges/{id}/drain': '/in-force',
  'POST /v1/freeze': '/emergency',
  'POST /v1/unfreeze': '/emergency',
  'POST /v1/modes/{id}/activate': '/emergency',
  'POST /v1/modes/{id}/end': '/emergency',
  'PUT /v1/policy': '/policy/whole',
  'PUT /v1/policy/{collection}/{id}': '/policy/:collection/:id',
  'DELETE /v1/policy/{collection}/{id}': '/policy/:collection/:id',
  'POST /v1/policy/import/institutions': '/import',
  'POST /v1/policy/import/sites': '/import',
  'POST /v1/policy/revisions/{n}/confirm': '/policy',
  'POST /v1/policy/revisions/{n}/rollback': '/policy',
  'POST /v1/policy/revisions/{n}/sign': '/policy',
  'POST /v1/proposals': '/policy/:collection/:id',
  'POST /v1/proposals/{id}/approve': '/proposals/:id',
  'POST /v1/proposals/{id}/reject': '/proposals/:id',
  'POST /v1/proposals/{id}/commit': '/proposals/:id',
}

/** Those that no page asks for, and why. */
export const NO_PAGE: Readonly<Record<string, string>> = {
  'POST /v1/policy/preview': 'a form tries the write itself (dryRun), which answers the same and judges If-Match too',
  'DELETE /v1/users/{id}': 'says the same as PATCH with disabled, which the page of the account sends',
  'POST /v1/edges/{id}/credentials': 'a gateway that joins asks it',
}

/** Those that a person does by command so far, and that a page should do. */
export const NOT_YET: readonly string[] = [
  ...['POST /v1/audit/purge', 'POST /v1/audit/trim'],
  ...['POST /v1/webhooks', 'POST /v1/webhooks/{id}/try', 'POST /v1/webhooks/{id}/rotate', 'DELETE /v1/webhooks/{id}'],
  ...['POST /v1/edges/{id}/account', 'POST /v1/edges/{id}/account/rotate', 'DELETE /v1/edges/{id}/account'],
  ...['POST /v1/edges/{id}/confirm', 'POST /v1/edges/{id}/drain'],
  ...['POST /v1/demo/load', 'POST /v1/demo/edges/{id}/stop', 'POST /v1/demo/edges/{id}/start'],
]
