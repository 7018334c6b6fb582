// Reads from and writes to one network namespace: which questions are asked of tc and nft, and which answers mean
// trouble.

import { createHash } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { MizaniError, messageOf } from '../../../runtime/errors.js'
import type { Operation } from '../../driver.js'
import type { Device } from './devices.js'
import type { Exec, Run } from './exec.js'
import { MAJOR } from './layout.js'
import { QUEUE_KINDS, type QueueKind } from './leaf-queue.js'
import { type ObservedTable, parseTable } from './nft.js'
import {
  type Complaint,
  type CountedTree,
  type KernelTree,
  type LeafQueues,
  parseClasses,
  parseComplaint,
  parseCounters,
  parseQdiscs,
  type RootQdisc,
  saysAway,
} from './parse.js'
import { leadsOf } from './u32.js'

export interface Kernel {
  /** "tc utility, iproute2-6.15.0 …", null: not installed. */
  tcVersion(): Promise<string | null>
  nftVersion(): Promise<string | null>
  /** Whether this process may change queues. */
  mayAdminister(): Promise<boolean>
  /** Whether HTB is in the kernel or can be loaded, as far as can be seen without trying. */
  hasHtb(): Promise<boolean>
  /** The best of the queues for leaves that is in the kernel, seen in the same way. */
  queueKind(): Promise<QueueKind>
  /** Root queue and classes, without counters. */
  queues(device: string): Promise<Queues>
  /** Counters of its classes. */
  counters(device: string, kind: QueueKind): Promise<CountedTree>
  table(name: string): Promise<ObservedTable>
  /** `nft -j list …`; null: there is none, or no nft. */
  list(what: string): Promise<string | null>
  /** Answers of `ip -j` to each question; null where it has none. */
  ip(options: readonly string[], ...questions: readonly string[]): Promise<readonly unknown[] | null>
  /** Where the rules lead. */
  u32Leads(device: string): Promise<string>
  /**
   * Carries out what it can of steps of tc and reads the devices after them in the same process: starting one costs
   * more than a thousand steps. Queues are read where a step is about one, else they stand as they were `before`. Null:
   * it did not get as far as reading.
   */
  change(operations: readonly Operation[], before: readonly OnDevice[]): Promise<readonly Queues[] | null>
  /** Carries out what it can of each; the first complaint, or null. */
  run(operations: readonly Operation[]): Promise<Complaint | null>
}

export interface Queues {
  readonly root: RootQdisc
  readonly tree: KernelTree
}

interface OnDevice extends Queues {
  readonly device: string
}

const CAP_NET_ADMIN = 12n
const isTc = ({ text }: Operation): boolean => /^(qdisc|class|filter) /.test(text)

export function createKernel(exec: Exec, netns: string | undefined): Kernel {
  const tc = (args: string[], input?: string): Promise<Run> =>
    exec('tc', netns === undefined ? args : ['-n', netns, ...args], input)
  // nft cannot enter a namespace by itself.
  const nft = (args: string[], input?: string): Promise<Run> =>
    netns === undefined ? exec('nft', args, input) : exec('ip', ['netns', 'exec', netns, 'nft', ...args], input)

  const read = async (args: string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await tc(args, input)
    if (code === 0) return stdout
    throw trouble(parseComplaint(stderr), `tc ${input?.trim().replaceAll('\n', '; ') ?? args.join(' ')}`)
  }
  /** Answers in JSON, each on a line, to one question a line. Which is whose only their order tells. */
  const readAll = async (options: string[], questions: readonly string[]): Promise<string[]> => {
    const answers = linesOf(await read(['-j', ...options, '-batch', '-'], `${questions.join('\n')}\n`))
    if (answers.length === questions.length) return answers
    throw trouble(null, `tc gave ${answers.length} answers to ${questions.join('; ')}`)
  }
  const version = async (run: Promise<Run>): Promise<string | null> => {
    const { code, stdout } = await run
    return code === 0 ? stdout.trim() : null
  }

  /** Hash and meaning of what was said of a device last: what nobody has touched is told in the same words. */
  const looks = new Map<string, { readonly words: string; readonly meaning: Queues }>()

  return {
    tcVersion: () => version(tc(['-V'])),
    nftVersion: () => version(nft(['--version'])),
    async mayAdminister() {
      const status = await readFile('/proc/self/status', 'utf8')
      const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
      return ((effective >> CAP_NET_ADMIN) & 1n) === 1n
    },
    hasHtb: () => hasModule('sch_htb'),
    async queueKind() {
      for (const kind of QUEUE_KINDS) if (kind === 'bfifo' || (await hasModule(`sch_${kind}`))) return kind
      return 'bfifo'
    },
    async queues(device) {
      const [qdiscs = '', classes = ''] = await readAll(['-d'], questionsOf(device))
      const words = createHash('sha1').update(qdiscs).update(classes).digest('base64')
      const last = looks.get(device)
      if (last?.words === words) return last.meaning
      const meaning = queuesIn(qdiscs, classes)
      looks.set(device, { words, meaning })
      return meaning
    },
    async change(operations, before) {
      const whole = operations.some(({ text }) => text.startsWith('qdisc '))
      const questions = before.flatMap(({ device }) => questionsOf(device).slice(whole ? 0 : 1))
      const lines = [...operations.map(({ text }) => text), ...questions]
      const { stdout } = await tc(['-j', '-d', '-force', '-batch', '-'], `${lines.join('\n')}\n`)
      const answers = linesOf(stdout)
      if (answers.length !== questions.length) return null
      return before.map(({ root, tree }, k) =>
        whole
          ? queuesIn(answers[2 * k]!, answers[2 * k + 1]!)
          : { root, tree: parseClasses(answers[k]!, queuesOf(tree)) },
      )
    },
    async counters(device, kind) {
      if (kind === 'bfifo') return parseCounters(await read(['-j', '-s', 'class', 'show', 'dev', device]))
      const [qdiscs = '', classes = ''] = await readAll(['-s'], questionsOf(device))
      return parseCounters(classes, parseQdiscs(qdiscs).queues)
    },
    async table(name) {
      const { code, stdout, stderr } = await nft(['-j', 'list', 'table', ...name.split(' ')])
      if (code === 0) return parseTable(stdout)
      if (/No such file or directory/.test(stderr)) return null
      throw trouble(parseComplaint(stderr), `nft list table ${name}`)
    },
    async list(what) {
      const { code, stdout } = await nft(['-j', 'list', ...what.split(' ')])
      return code === 0 ? stdout : null
    },
    async ip(options, ...questions) {
      const args = [...(netns === undefined ? [] : ['-n', netns]), '-j', ...options, '-batch', '-']
      const { code, stdout } = await exec('ip', args, `${questions.join('\n')}\n`)
      const answers = linesOf(stdout)
      return code === 0 && answers.length === questions.length ? answers.map((text) => JSON.parse(text)) : null
    },
    u32Leads: async (device) => leadsOf(await read(['filter', 'show', 'dev', device, 'parent', `${MAJOR}:`])),
    async run(operations) {
      const lines = operations.filter(isTc).map(({ text }) => text)
      const complaints: (Complaint | null)[] = []
      if (lines.length > 0) complaints.push(complaintOf(await tc(['-force', '-batch', '-'], `${lines.join('\n')}\n`)))
      for (const operation of operations) {
        if (!isTc(operation)) complaints.push(complaintOf(await nft(['-f', '-'], `${operation.text}\n`)))
      }
      return complaints.find((complaint) => complaint !== null) ?? null
    },
  }
}

/**
 * Asks for each device, one after the other: the largest edge has a megabyte to say of each. Null: it is away, beside
 * others of its direction that are not.
 * @throws MizaniError KERNEL when a direction has none, or somebody refuses for another reason.
 */
export async function ofPresent<T>(
  devices: readonly Device[],
  ask: (device: string) => Promise<T>,
): Promise<readonly (T | null)[]> {
  const answers: (T | null)[] = []
  const away: unknown[] = []
  for (const { device } of devices) {
    const answer = await ask(device).catch((error: unknown) => {
      if (!saysAway(messageOf(error))) throw error
      away[answers.length] = error
      return null
    })
    answers.push(answer)
  }
  for (const direction of [0, 1]) {
    const its = devices.flatMap((one, k) => (one.direction === direction ? [k] : []))
    if (its.every((k) => away[k] !== undefined)) throw away[its[0]!]
  }
  return answers
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '')

const questionsOf = (device: string): string[] => [`qdisc show dev ${device}`, `class show dev ${device}`]

function queuesIn(qdiscs: string, classes: string): Queues {
  const { root, queues } = parseQdiscs(qdiscs)
  return { root, tree: root.owner === 'ours' ? parseClasses(classes, queues) : new Map() }
}

const queuesOf = (tree: KernelTree): LeafQueues =>
  new Map([...tree.values()].map(({ minor, queue }) => [minor, { queue, drops: 0 }]))

/** A module, loaded or built in, shows itself under /sys/module; one that waits on disk is in the lists. */
async function hasModule(name: string): Promise<boolean> {
  if (await exists(`/sys/module/${name}`)) return true
  const release = (await readFile('/proc/sys/kernel/osrelease', 'utf8')).trim()
  const lists = ['modules.dep', 'modules.builtin'].map((list) =>
    readFile(`/lib/modules/${release}/${list}`, 'utf8').catch(() => ''),
  )
  return (await Promise.all(lists)).some((list) => list.includes(`/${name}.ko`))
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** tc's exit code is 0 for some complaints that matter and some that do not: read-back decides, this only explains. */
const complaintOf = ({ code, stderr }: Run): Complaint | null => (code === 0 ? null : parseComplaint(stderr))

const trouble = (complaint: Complaint | null, what: string): MizaniError =>
  new MizaniError({
    code: 'KERNEL',
    message: `${what}: ${complaint?.text ?? 'failed without a word'}`,
    remedy: 'retry',
    ...(complaint ? { advice: complaint.advice } : {}),
  })
