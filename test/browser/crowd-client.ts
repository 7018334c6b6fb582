// The consoles of crowd.ts, in a process of their own: says "open" once all hear ticks, and at its end how often they
// read and how long that took.

const [, , url = '', consoles = '0', ...tokens] = process.argv
/** As live.ts: it rests three times as long as a reading takes, at most so long. */
const REST = 3
const LONGEST = 2_000
const PAGES = [
  ['/v1/links?pageSize=1000&except=access'],
  ['/v1/figures?pageSize=1000&service=internet&direction=down'],
  ['/v1/institutions/hosp-mnh-upanga', '/v1/institutions/hosp-mnh-upanga/explain?direction=down'],
]

const times: number[] = []
let open = 0
let refused = 0

async function look(n: number): Promise<void> {
  const headers = { authorization: `Bearer ${tokens[n % tokens.length]}`, 'accept-encoding': 'gzip' }
  const read = async (path: string): Promise<void> => {
    const answer = await fetch(url + path, { headers })
    await answer.arrayBuffer()
    if (!answer.ok) refused++
  }
  const stream = await fetch(`${url}/v1/events`, { headers: { ...headers, accept: 'text/event-stream' } })
  if (!stream.ok || stream.body === null) throw new Error(`the stream: ${stream.status}`)
  let rests = 0
  let isReading = false
  let isFirst = true
  for await (const _ of stream.body) {
    if (isFirst && ++open === Number(consoles)) console.log('open')
    isFirst = false
    if (isReading || performance.now() < rests) continue
    isReading = true
    const begun = performance.now()
    void Promise.all(['/v1/status', ...PAGES[n % PAGES.length]!].map(read)).then(() => {
      const took = performance.now() - begun
      times.push(took)
      rests = performance.now() + REST * Math.min(took, LONGEST)
      isReading = false
    })
  }
}

process.on('SIGTERM', () => {
  const sorted = times.toSorted((a, b) => a - b)
  console.log(
    JSON.stringify({ reads: times.length, refused, slow: Math.round(sorted[Math.floor(0.99 * sorted.length)] ?? 0) }),
  )
  process.exit(0)
})
for (let n = 0; n < Number(consoles); n++) void look(n)
