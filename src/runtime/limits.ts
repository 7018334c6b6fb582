// Every maximum in one place, each with its reason, and the relations between them asserted when the module loads. A
// limit is what Mizani promises to carry and what it refuses beyond, with a clear message, instead of failing later.

import { type BitsPerSecond, type Bytes, type Milliseconds, toKbps } from '../model/units.js'

const KiB = 1024
const MiB = 1024 * KiB

// ---- the plane

/** Eighteen times the nation of today; loading and checking stay below a second. */
export const MAX_INSTITUTIONS = 10_000
export const MAX_SITES = 20_000
export const MAX_EDGES = 1_000
/** Prefixes of one site: more is a routing table, not a site. */
export const MAX_PREFIXES_PER_SITE = 64
/** With four classes, the most that fits the 32 tc minors an institution has (see below). */
export const MAX_SERVICES = 6
export const MAX_CLASSES = 4
/** An id is also a DNS label, a file name and a Redis user name. */
export const MAX_ID_LENGTH = 63
export const MAX_NAME_LENGTH = 200
/** Reasons and references that people write; kept for ever in the audit. */
export const MAX_TEXT_LENGTH = 1_000

// ---- the problem

/** The largest problem the benches prove; columns of it take about 1 GiB. */
export const MAX_FLOWS = 1_000_000
/** Directed and virtual links together. */
export const MAX_LINKS = 100_000
/** Bands are kept as bytes and drawn as columns of a page; ten is already hard to explain to anyone. */
export const MAX_BANDS = 16
export const MAX_SEGMENTS_PER_FLOW = 32
/** Links a flow crosses, both halves of every split included. */
export const MAX_PATH_LINKS = 64
export const MAX_ENVELOPES = 4_096
export const MAX_ENVELOPE_DEPTH = 8
/** Rates travel as whole kbit/s in 32 bits: a little over 4 Tbit/s, two hundred times the nation's upstreams. */
export const MAX_RATE: BitsPerSecond = 4e12
/** Of a problem file, which no edge enforces: its whole kbit/s are exact in 53 bits. */
export const MAX_PROBLEM_RATE: BitsPerSecond = 2 ** 53 * 1_000
/** Weights are ratios; beyond six decades the smaller one gets nothing that a person could measure. */
export const MAX_WEIGHT = 1e6

// ---- an edge and its kernel

/** tc minors of one institution at one edge: itself, its services, their classes. */
export const TC_STRIDE = 32
/** tc handles carry 16 bits of minor. */
const MAX_TC_MINOR = 0xffff
/** Sites of one edge. The rest of the minors belongs to the root, unmapped and control classes. */
export const MAX_SITES_PER_EDGE = 2_000
/** Limits that one engineer lifts by hand, one institution at a time; whoever needs more lifts those of the edge. */
export const MAX_BYPASSES_PER_EDGE = 32
/** What an edge has found around it and tells; who finds more tells these. */
export const MAX_NOTICES_PER_EDGE = 32

// ---- bytes that travel

/** Flow, rate, safe rate, burst and the class rates, rounded up. */
const MAX_RECORD_BYTES: Bytes = 64
export const MAX_RECORDS = 32_768
/** One message: far below Redis' 512 MiB, and read into memory in one piece at the edge. */
export const MAX_MESSAGE_BYTES: Bytes = 4 * MiB
/** Reasons have what the largest records and the head of a message leave: rates come first. */
export const MAX_REASONS_BYTES: Bytes = MAX_MESSAGE_BYTES - MAX_RECORDS * MAX_RECORD_BYTES - 4 * KiB
/** The profile of the largest edge: sites with prefixes, services with far prefixes. */
export const MAX_PROFILE_BYTES: Bytes = 16 * MiB
/** That a store holds for whoever hears a channel: so much that no single message can cut a listener off. */
export const LEAST_HEARING: Bytes = 2 * MAX_PROFILE_BYTES
/** Connections of a store: those of all edges, and ten thousand of nobody. */
export const LEAST_CONNECTIONS = 12_000
/** A connection on which nothing is said for so long is nobody's: ours say something three times as often. */
export const STORE_IDLE: Milliseconds = 60_000
/**
 * Bytes of one leaf in a report, as JSON with every counter as long as it gets. An edge's reports may have as many as
 * its leaves have, twice over for leaves of a plan that is not in force any more, and a body that says nothing of them.
 */
export const REPORT_LEAF_BYTES: Bytes = 200
export const REPORT_BASE_BYTES: Bytes = 32 * KiB
/** Of one edge, over HTTP: each tick, after each apply, and again where one was lost. */
export const MAX_REPORTS_PER_SECOND = 10
/**
 * Of one edge, what it says of its lines: so many at once (a mast with all its radios), then one per `LINK_WORD_EVERY`.
 * Each is written to the store and starts a tick.
 */
export const MAX_LINK_WORDS = 12
export const LINK_WORD_EVERY: Milliseconds = 10_000
/** A larger report as JSON is read in a thread; reading one of this size takes half a millisecond. */
export const MAX_JSON_INLINE: Bytes = 8 * KiB
/** Reports that wait for that thread, each of another edge. */
export const MAX_REPORTS_WAITING = 64
/** Deltas kept for an edge that was away for a moment; an older one takes the snapshot. */
export const MAX_DELTAS_KEPT = 64
/** Reports of an edge whose echo may still be on its way: over a satellite an answer takes as long as four of them. */
export const REPORTS_KEPT = 8

// ---- files and HTTP

/** A problem, policy or scenario file: read into memory in one piece. */
export const MAX_FILE_BYTES: Bytes = 256 * MiB
/** A problem file of as many flows as a problem may have, each with what a flow usually has; read in one piece. */
export const MAX_PROBLEM_BYTES: Bytes = 256 * MiB
/** A network of researchers, in one of their formats: at each of its nodes there may be a gateway. */
export const MAX_NETWORK_BYTES: Bytes = 32 * MiB
export const MAX_NETWORK_NODES = MAX_EDGES
export const MAX_NETWORK_LINKS = 10_000
export const MAX_NETWORK_DEMANDS = MAX_NETWORK_NODES * MAX_NETWORK_NODES
/** Numbers, texts, lists and objects in a problem file; all of them as objects must fit the heap that Node has. */
export const MAX_PROBLEM_VALUES = 24_000_000
/** The same in one entry of its lists: a flow with the longest path and the most segments has 359. */
export const MAX_ENTRY_VALUES = 512
/** Bytes of a text in it: an id of the longest kind with every character escaped, and room for what people try. */
export const MAX_PROBLEM_TEXT: Bytes = 4 * KiB
/** A problem file needs five levels; a deeper one is an attack on the parser. */
export const MAX_PROBLEM_DEPTH = 16
/** A settings or secret file; anything larger is the wrong file. */
export const MAX_SETTINGS_BYTES: Bytes = 64 * KiB
/** The policy of the largest plane as JSON is below this. */
/** A router's running configuration, as JSON. */
export const MAX_RUNNING_BYTES: Bytes = MiB
export const MAX_BODY_BYTES: Bytes = 16 * MiB
/** Of it, JSON that is read on the thread that answers, in a millisecond or two; what is larger is read in another. */
export const MAX_JSON_HERE: Bytes = 64 * KiB
/** A sheet inside JSON, beside what was answered to an earlier attempt; a larger one comes as text/csv. */
export const MAX_JSON_SHEET: Bytes = MiB
/** Every other body is a few fields. */
export const MAX_REQUEST_BYTES: Bytes = 64 * KiB
/** From one address; twice what a bench of the API asks for, and far below what stops the tick. */
export const MAX_REQUESTS_PER_SECOND = 20_000
/**
 * Connections that wait in the kernel until the server takes them; the kernel allows no more by itself
 * (net.core.somaxconn). Where the queue is full, the kernel drops the connections of everybody for a second or longer.
 */
export const MAX_WAITING_CONNECTIONS = 4_096
/** Descriptors that connections leave to stores, files, threads and mail: three times what a large plane uses. */
export const RESERVED_DESCRIPTORS = 1_000
/**
 * Of one account, that are not answered and read yet: its streams of events, a script of many hands. Each may be an
 * answer of megabytes that waits in memory for whoever does not read it.
 */
export const MAX_REQUESTS_OPEN_EACH = 64
/** Of all: every edge polls, everyone who may listens, and a thousand ask. */
export const MAX_REQUESTS_OPEN = 4_000
/** An edge that polls waits this long for news: proxies end a silent request after a minute. */
export const MAX_POLL_SECONDS = 30
/** Previews that are under way at once; they go one after the other, in some tens of milliseconds each. */
export const MAX_PREVIEWS_WAITING = 32
/** Of one account: a person drags one slider; a script asks again when it is answered. */
export const MAX_PREVIEWS_EACH = 4
/** Histories that are read one after the other, a month in half a second. */
export const MAX_HISTORIES_WAITING = 32
/** Of one account: a page shows an institution and two links. */
export const MAX_HISTORIES_EACH = 4
/** Changes of the policy whose turn has not come: each of people who edit at once, or of a script. */
export const MAX_CHANGES_WAITING = 128
export const MAX_CHANGES_EACH = 32
/** Places that a preview names: three fields of each of 554 institutions. A sheet or a whole policy may change all. */
export const MAX_CHANGES = 2_000
/** Places that a proposal names: what a sheet of the nation changes is proposed where it needs a second person. */
export const MAX_PROPOSED_CHANGES = 10_000
/**
 * Changes for a while of one account that have not ended. A budget is judged at the beginning and end of each, so that
 * a thousand of them would keep whoever changes something next waiting for seconds.
 */
export const MAX_OVERRIDES_EACH = 200
/** Requests of one institution that wait to be decided; members ask again when they have an answer. */
export const MAX_REQUESTS_WAITING = 3
/** Decided ones of one institution that are kept; the trail has all. */
export const MAX_REQUESTS_DECIDED = 20
/** Of all institutions: ten of each of a thousand, of two or three kilobytes. */
export const MAX_REQUESTS_KEPT = 10_000
/** Sign-ins from one address: enough for a forgetful person, useless for guessing. */
export const MAX_SIGN_INS_PER_MINUTE = 30
export const MAX_PAGE_SIZE = 1_000
export const DEFAULT_PAGE_SIZE = 100
export const MAX_QUERY_LENGTH = 200
/** An `env-admin` token shorter than this can be guessed. */
export const MIN_TOKEN_LENGTH = 32
/** Readers of events at one time; each is a socket and a place in a list. */
export const MAX_EVENT_STREAMS = 500
/** Of one account: somebody with many tabs, or a service on many machines. Two dozen such fill the list, never one. */
export const MAX_EVENT_STREAMS_EACH = 20
/** Tags that a controller knows the digests of; of 100 bytes each. */
export const MAX_VEILED_DIGESTS = 10_000
/** An hour of a busy day; ticks are not kept. */
export const MAX_EVENTS_KEPT = 2_000
/** Entries of the audit that wait for a store that is away; the rest goes to the log. */
export const MAX_AUDIT_WAITING = 10_000
/** Before and after, as JSON; of a larger one the hash is kept. */
export const MAX_AUDIT_VALUE: Bytes = 4 * KiB
/** Of what an entry was done to: all institutions and sites of a plane in one sheet. */
export const MAX_SUBJECT_LENGTH = 64 * KiB
/** Entries that one request looks at; a filter that finds little goes on with the next page. */
export const MAX_AUDIT_SCAN = 20_000
/** Accounts of people and services; all of them are kept in memory. */
export const MAX_USERS = 1_000
export const MAX_TOKENS = 2_000
/** One more ends the oldest of whoever has most, those that wait for a code first. */
export const MAX_SESSIONS = 1_000
/** Of one account, so that whoever signs in again and again signs out nobody else. */
export const MAX_SESSIONS_EACH = 20
/** Short enough for a phrase, too long for a list of guesses. */
export const MIN_PASSWORD_LENGTH = 12
/** Bounds the work of hashing one. */
export const MAX_PASSWORD_LENGTH = 200
/** Faults printed to a terminal; the HTTP answer carries the same number. */
export const MAX_FAULTS_SHOWN = 100

// ---- questions of planners

/** At once, each in a process of its own behind all others: the machine is the tick's. */
export const MAX_SIMULATIONS_AT_ONCE = 2
/** Of one account at once; what it asks besides waits. */
export const MAX_SIMULATIONS_EACH = 1
/** Of one account that wait: each may take minutes. */
export const MAX_SIMULATIONS_WAITING_EACH = 2
export const MAX_SIMULATIONS_WAITING = 16
/** Answers on the disk; the oldest go first. */
export const MAX_SIMULATIONS_KEPT = 60
export const SIMULATION_LIFE: Milliseconds = 90 * 86_400_000
/** Of one answer: all pairs of cuts of a nation, by institution, are half of that. */
export const MAX_SIMULATION_BYTES: Bytes = 256 * MiB
/** Of a table that is asked for beside what was found; the sheets of the report have all. */
export const MAX_SIMULATION_ROWS = 10_000
export const MAX_SIMULATIONS_BYTES: Bytes = 2048 * MiB
/** Resident, threads and shared memory included; a year of 10,000 draws takes half of it. */
export const MAX_SIMULATION_MEMORY: Bytes = 640 * MiB
/** Of a controller with all that it has started, as its unit says (config/systemd). */
const CONTROLLER_MEMORY: Bytes = 2048 * MiB
/** What takes longer is work for `mizani plan` on another machine. */
export const SIMULATION_TIME: Milliseconds = 15 * 60_000
export const MAX_SIMULATION_DRAWS = 10_000
/** A sheet of a thousand offers, or a scenario that a person has written. */
export const MAX_SIMULATION_SHEET: Bytes = 256 * KiB
/** A question with its scenario and both sheets. */
export const MAX_SIMULATION_ASKED: Bytes = MiB

// ---- time

export const MIN_TICK: Milliseconds = 100
export const MAX_TICK: Milliseconds = 10_000
/** Redis and the edge's own timer both keep a lease; a day is already a broken promise. */
export const MAX_LEASE: Milliseconds = 86_400_000
/** Ticks a lease must cover at least, or one lost message would take an edge to its safe rates. */
export const MIN_TICKS_PER_LEASE = 5
/** Longest a hold or bypass of an edge may be asked for: a week covers any repair, and nobody forgets it for longer. */
export const MAX_BYPASS: Milliseconds = 7 * 86_400_000
/** A working day: a session ends then, whatever happens. */
export const SESSION_LIFE: Milliseconds = 12 * 3_600_000
/** A session that nobody used for so long has been forgotten. */
export const SESSION_IDLE: Milliseconds = 2 * 3_600_000
/** Between the password and the code. */
export const HALF_SESSION_LIFE: Milliseconds = 5 * 60_000
/** Wrong codes end a sign-in that waits for one. */
export const MAX_WRONG_CODES = 5
/** A stolen cookie is worth at most this, and its use shows. */
export const SESSION_RENEWAL: Milliseconds = 15 * 60_000
/** What is done in person is done so long after signing in at most: whoever finds a screen open approves nothing. */
export const IN_PERSON_FOR: Milliseconds = 10 * 60_000
/** Requests under way still carry the cookie before. */
export const SESSION_OVERLAP: Milliseconds = 60_000
export const FIRST_SIGN_IN_LIFE: Milliseconds = 3_600_000
export const MAX_TOKEN_LIFE: Milliseconds = 366 * 86_400_000
/** Of a token of somebody whom others sign in: whoever has left them keeps it no longer than that. */
export const MAX_TOKEN_LIFE_FEDERATED: Milliseconds = 30 * 86_400_000
/** Between asking for a passkey and its answer. */
export const PASSKEY_PATIENCE: Milliseconds = 5 * 60_000
/** Between the way to a provider and the way back from it. */
export const PROVIDER_ROUND_TRIP: Milliseconds = 10 * 60_000
/** Without an answer for so long a provider or a directory is away. */
export const PROVIDER_PATIENCE: Milliseconds = 5_000
/** What a provider says of itself is asked again after so long. */
export const PROVIDER_MEMORY: Milliseconds = 3_600_000
/** Sign-ins that ask a directory at one moment. */
export const MAX_DIRECTORY_SIGN_INS = 16
/** From SIGTERM to the end, with every child gone. */
export const SHUTDOWN_TIME: Milliseconds = 5_000
/** Of it, for what a process is made of; the rest is for private stores, which are stopped last. */
export const PARTS_TIME: Milliseconds = 3_000
/** A private store that has not ended by then is killed: what it acknowledged is on its disk. */
export const STORE_STOP_TIME: Milliseconds = 1_500
/** An answer under way, or a letter that a receiver is taking, may end within this time after SIGTERM. */
export const LAST_WORDS: Milliseconds = 1_000
/** Edges that are shut out of the rates store at once without a person: this part of those with an account, or one. */
export const MOST_SHUT_OUT = 0.1
export const MAX_WORKERS = 64
/** A year of one-minute steps. */
export const MAX_SIMULATION_STEPS = 525_600

/** A preview of as much as a preview may have takes a second or two; what takes longer is no preview. */
export const PREVIEW_TIME: Milliseconds = 10_000
/** A sheet of as many rows as there may be, a policy in which all is new. */
export const CHANGE_TIME: Milliseconds = 60_000

/** Directions of a flow: towards the institution and away from it. */
const DIRECTIONS = 2
/** Unmapped and control traffic, each in both directions. */
const OWN_FLOWS_PER_EDGE = 2 * DIRECTIONS

function assertRelation(holds: boolean, relation: string): void {
  if (!holds) throw new Error(`limits.ts contradicts itself: ${relation}`)
}

assertRelation(1 + MAX_SERVICES + MAX_SERVICES * MAX_CLASSES <= TC_STRIDE, 'an institution fits its tc minors')
assertRelation((MAX_SITES_PER_EDGE + 2) * TC_STRIDE <= MAX_TC_MINOR, 'the sites of an edge fit the tc minors')
assertRelation(
  MAX_SITES_PER_EDGE * MAX_SERVICES * DIRECTIONS + OWN_FLOWS_PER_EDGE <= MAX_RECORDS,
  'the flows of the largest edge fit one message',
)
assertRelation(MAX_RECORDS * MAX_RECORD_BYTES + 4 * KiB <= MAX_MESSAGE_BYTES, 'the largest message holds its records')
assertRelation(toKbps(MAX_RATE) <= 0xffffffff, 'the largest rate fits 32 bits of kbit/s')
assertRelation(
  2 + MAX_PATH_LINKS * 3 + MAX_SEGMENTS_PER_FLOW * 5 + 5 <= MAX_ENTRY_VALUES,
  'the largest flow of a problem file is an entry',
)
assertRelation(MAX_PROBLEM_BYTES <= MAX_FILE_BYTES, 'a problem file is a file')
assertRelation(MAX_SITES * MAX_SERVICES * DIRECTIONS <= MAX_FLOWS, 'the flows of the largest plane fit a problem')
assertRelation(MAX_INSTITUTIONS <= MAX_SITES, 'every institution may have a site')
assertRelation(2 * SESSION_RENEWAL < SESSION_IDLE && SESSION_IDLE < SESSION_LIFE, 'whoever is active stays signed in')
assertRelation(PARTS_TIME + STORE_STOP_TIME < SHUTDOWN_TIME, 'parts and stores are stopped in time')
assertRelation(2 * LAST_WORDS < PARTS_TIME, 'who waits for last words leaves time for the parts behind it')
assertRelation(4 * MAX_PREVIEWS_EACH <= MAX_PREVIEWS_WAITING, 'whoever previews leaves room for others')
assertRelation(4 * MAX_HISTORIES_EACH <= MAX_HISTORIES_WAITING, 'whoever looks back leaves room for others')
assertRelation(MAX_SIMULATIONS_EACH < MAX_SIMULATIONS_AT_ONCE, 'whoever simulates leaves room for others')
assertRelation(4 * MAX_SIMULATIONS_WAITING_EACH <= MAX_SIMULATIONS_WAITING, 'whoever waits leaves others a place')
assertRelation(3 * MAX_SIMULATION_SHEET < MAX_SIMULATION_ASKED, 'a question holds its sheets')
assertRelation(
  MAX_SIMULATIONS_AT_ONCE * MAX_SIMULATION_MEMORY + 512 * MiB <= CONTROLLER_MEMORY,
  'what simulates leaves the controller its memory',
)
assertRelation(MAX_SIMULATIONS_WAITING < MAX_SIMULATIONS_KEPT, 'what waits is kept')
assertRelation(4 * MAX_CHANGES_EACH <= MAX_CHANGES_WAITING, 'whoever changes the policy leaves room for others')
assertRelation(2 * MAX_EVENT_STREAMS_EACH <= MAX_REQUESTS_OPEN_EACH, 'whoever listens may ask as well')
assertRelation(10 * MAX_EVENT_STREAMS_EACH <= MAX_EVENT_STREAMS, 'one reader of events leaves room for others')
assertRelation(DEFAULT_PAGE_SIZE <= MAX_PAGE_SIZE, 'the usual page is a page')
assertRelation(MIN_TICK < MAX_TICK && MAX_TICK * MIN_TICKS_PER_LEASE <= MAX_LEASE, 'the slowest tick renews a lease')
