// What the page asks of the API: same origin, with the session's cookie, JSON in and out.

export class Refused extends Error {
  constructor(status) {
    super(`HTTP ${status}`)
    this.status = status
  }
}

export async function call(path, { method = 'GET', body } = {}) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const init = { method, headers, credentials: 'same-origin' }
  const answer = await fetch(path, body === undefined ? init : { ...init, body: JSON.stringify(body) })
  if (!answer.ok) throw new Refused(answer.status)
  return answer.status === 204 ? null : answer.json()
}

export async function everyPage(path, query = '') {
  const items = []
  for (let token = ''; token !== null; ) {
    const page = await call(`${path}?pageSize=1000${query}${token && `&pageToken=${token}`}`)
    items.push(...page.items)
    token = page.nextPageToken
  }
  return items
}
