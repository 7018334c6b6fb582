// JSON (RFC 8259) read from bytes, a value at a time, by whoever knows what to expect next.
//
// JSON.parse takes all or nothing, says neither where a thing stands nor that a key stands twice, and makes half a
// gigabyte of objects of a large file before anyone can refuse it. Here the reader's owner walks: it skips what it does
// not want, makes values of what it does, and can stop at any byte. The bytes are UTF-8 (the owner looks: isUtf8), and
// what is made was skipped before, so that its grammar and its depth are known to be right.

/** Where the grammar ends, and why. */
export class JsonFault extends Error {
  override readonly name = 'JsonFault'
  readonly at: number
  readonly code: 'NOT_JSON' | 'TOO_DEEP'

  constructor(at: number, message: string, code: JsonFault['code'] = 'NOT_JSON') {
    super(message)
    this.at = at
    this.code = code
  }
}

const [TAB, LF, CR, SPACE, QUOTE, COMMA, MINUS, DOT] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x2d, 0x2e]
const [ZERO, NINE, COLON, BACKSLASH] = [0x30, 0x39, 0x3a, 0x5c]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]
const WORDS: ReadonlyMap<number, readonly [text: string, value: boolean | null]> = new Map([
  [0x74, ['true', true]],
  [0x66, ['false', false]],
  [0x6e, ['null', null]],
])
/** No number is written longer. */
const MOST_NUMBER = 1_000
/** Integers of so many digits are exact as they are added up. */
const MOST_DIGITS = 15
const MOST_KEPT_WORD = 40
const KEPT_WORDS = 1 << 13

/** By byte: 1 where a string just goes on, and stays ASCII. */
const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= SPACE && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
)

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= NINE

export class JsonReader {
  readonly bytes: Buffer
  at: number
  /** Values that were skipped or made so far; what bounds a reader looks here. */
  values = 0
  /** Bytes of the longest string that was skipped or made so far; the owner may set it back. */
  longest = 0
  /** Where keys stand that stood in their object before; none of what was only skipped. */
  readonly repeated: number[] = []
  readonly #depth: number
  /** Words that stand in a file again and again (keys, names of links) are made once. */
  readonly #words: string[] = []

  constructor(bytes: Buffer, at: number, depth: number) {
    this.bytes = bytes
    this.at = at
    this.#depth = depth
  }

  /** The byte that is next after white space; undefined: the end. */
  peek(): number | undefined {
    const { bytes } = this
    for (;;) {
      const byte = bytes[this.at]
      if (byte === undefined || byte > SPACE) return byte
      if (byte !== SPACE && byte !== LF && byte !== CR && byte !== TAB) return byte
      this.at++
    }
  }

  /** What the next value is, in the words of a message. */
  get kind(): 'an object' | 'a list' | 'text' | 'a number' | 'a word' {
    const byte = this.peek()
    if (byte === OPEN_OBJECT) return 'an object'
    if (byte === OPEN_LIST) return 'a list'
    return byte === QUOTE ? 'text' : byte === MINUS || isDigit(byte) ? 'a number' : 'a word'
  }

  /** Walks an object: for each key, the reader stands before its value, which `member` takes. */
  object(member: (key: string, at: number) => void): void {
    this.#open(OPEN_OBJECT, 'an object')
    if (this.#closes(CLOSE_OBJECT)) return
    do {
      const at = this.#keyAt()
      const key = this.#text()
      this.#colon()
      member(key, at)
    } while (this.#continues(CLOSE_OBJECT, '"," or "}"'))
  }

  /** Walks a list: the reader stands before each entry, which `entry` takes. It may stop by returning false. */
  list(entry: (n: number) => boolean | undefined): void {
    this.#open(OPEN_LIST, 'a list')
    if (this.#closes(CLOSE_LIST)) return
    let n = 0
    do if (entry(n++) === false) return
    while (this.#continues(CLOSE_LIST, '"," or "]"'))
  }

  /** Goes past one value and checks its grammar; makes nothing. */
  skip(depth = this.#depth): void {
    this.values++
    const byte = this.peek()
    if (byte === QUOTE) this.#skipText()
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (depth === 0)
        throw new JsonFault(this.at, `expected at most ${this.#depth} levels of nesting, found more`, 'TOO_DEEP')
      const close = byte === OPEN_LIST ? CLOSE_LIST : CLOSE_OBJECT
      this.at++
      if (this.#closes(close)) return
      do {
        if (byte === OPEN_OBJECT) {
          this.#keyAt()
          this.#skipText()
          this.#colon()
        }
        this.skip(depth - 1)
      } while (this.#continues(close, byte === OPEN_LIST ? '"," or "]"' : '"," or "}"'))
    } else this.#scalar(byte)
  }

  /** Makes one value. */
  value(): unknown {
    this.values++
    const byte = this.peek()
    if (byte === QUOTE) return this.#text()
    if (byte === OPEN_LIST) {
      const list: unknown[] = []
      this.list(() => void list.push(this.value()))
      return list
    }
    return byte === OPEN_OBJECT ? this.#members() : this.#scalar(byte)
  }

  /** Nothing but white space follows. */
  end(): void {
    if (this.peek() !== undefined) throw this.#unexpected('nothing after the end')
  }

  #members(): object {
    const made: Record<string, unknown> = {}
    this.object((key, at) => {
      if (Object.hasOwn(made, key)) this.repeated.push(at)
      const value = this.value()
      // An own key like any other: assigned, it would be the prototype.
      if (key === '__proto__') Object.defineProperty(made, key, { value, enumerable: true, configurable: true })
      else made[key] = value
    })
    return made
  }

  #open(open: number, what: string): void {
    if (this.peek() !== open) throw this.#unexpected(what)
    this.at++
  }

  #closes(close: number): boolean {
    const closes = this.peek() === close
    if (closes) this.at++
    return closes
  }

  #continues(close: number, expected: string): boolean {
    const byte = this.peek()
    if (byte !== COMMA && byte !== close) throw this.#unexpected(expected)
    this.at++
    return byte === COMMA
  }

  #keyAt(): number {
    if (this.peek() !== QUOTE) throw this.#unexpected('a key in double quotes')
    return this.at
  }

  #colon(): void {
    if (this.peek() !== COLON) throw this.#unexpected('":" after a key')
    this.at++
  }

  /** Goes past a string; says whether it has only plain ASCII and nothing escaped. */
  #skipText(): boolean {
    const { bytes } = this
    let isPlain = true
    let at = this.at + 1
    for (; ; at++) {
      while (IS_PLAIN[bytes[at]!] === 1) at++
      const byte = bytes[at]
      if (byte === QUOTE) break
      if (byte === undefined) throw new JsonFault(this.at, 'this string never ends')
      if (byte < SPACE) {
        const escaped = `\\u00${byte.toString(16).padStart(2, '0')}`
        throw new JsonFault(at, `expected ${escaped}, found the control character itself in a string`)
      }
      if (byte === BACKSLASH) at += this.#escape(at)
      isPlain = false
    }
    if (at - this.at > this.longest) this.longest = at - this.at
    this.at = at + 1
    return isPlain
  }

  /** How many bytes follow the backslash of an escape. */
  #escape(at: number): number {
    const text = this.bytes.toString('latin1', at, at + 6)
    const [found] = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text) ?? []
    if (found === undefined)
      throw new JsonFault(at, 'expected \\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hex digits')
    return found.length - 1
  }

  #text(): string {
    const from = this.at + 1
    const isPlain = this.#skipText()
    const end = this.at - 1
    if (!isPlain) return JSON.parse(this.bytes.toString('utf8', from - 1, end + 1)) as string
    return end - from > MOST_KEPT_WORD ? this.bytes.toString('latin1', from, end) : this.#word(from, end)
  }

  #word(from: number, end: number): string {
    const { bytes } = this
    let hash = end - from
    for (let at = from; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0
    const slot = hash & (KEPT_WORDS - 1)
    const kept = this.#words[slot]
    if (kept !== undefined && kept.length === end - from) {
      let at = from
      while (at < end && kept.charCodeAt(at - from) === bytes[at]) at++
      if (at === end) return kept
    }
    const word = bytes.toString('latin1', from, end)
    this.#words[slot] = word
    return word
  }

  #scalar(byte: number | undefined): number | boolean | null {
    if (byte === MINUS || isDigit(byte)) return this.#number()
    const [text, value] = WORDS.get(byte ?? 0) ?? ['', null]
    if (text === '' || this.bytes.toString('latin1', this.at, this.at + text.length) !== text)
      throw this.#unexpected('a value')
    this.at += text.length
    return value
  }

  #number(): number {
    const { bytes } = this
    const from = this.at
    let at = bytes[from] === MINUS ? from + 1 : from
    const first = at
    let whole = 0
    for (; isDigit(bytes[at]); at++) whole = whole * 10 + bytes[at]! - ZERO
    if (at === first || (bytes[first] === ZERO && at > first + 1)) throw this.#badNumber()
    const isInteger = bytes[at] !== DOT && !isExponent(bytes[at])
    if (bytes[at] === DOT) at = this.#digits(at + 1)
    if (isExponent(bytes[at])) at = this.#digits(bytes[at + 1] === MINUS || bytes[at + 1] === PLUS ? at + 2 : at + 1)
    if (at - from > MOST_NUMBER) throw new JsonFault(from, `expected a number, found ${at - from} digits`)
    this.at = at
    if (isInteger && at - first <= MOST_DIGITS) return first === from ? whole : -whole
    return Number(bytes.toString('latin1', from, at))
  }

  #digits(from: number): number {
    let at = from
    while (isDigit(this.bytes[at])) at++
    if (at === from) throw this.#badNumber()
    return at
  }

  #badNumber(): JsonFault {
    return new JsonFault(this.at, `expected a number such as 20, -1.5 or 2e9, found ${this.#around()}`)
  }

  #unexpected(expected: string): JsonFault {
    const isEnd = this.at >= this.bytes.length
    return new JsonFault(this.at, `expected ${expected}, found ${isEnd ? 'the end: it is cut off' : this.#around()}`)
  }

  /** What stands here, for a message: a word to its end, of everything else one character. */
  #around(): string {
    const text = this.bytes.toString('utf8', this.at, this.at + 40)
    return JSON.stringify(/^[\w.+-]+/.exec(text)?.[0] ?? [...text][0] ?? '')
  }
}

const PLUS = 0x2b
const isExponent = (byte: number | undefined): boolean => byte === 0x65 || byte === 0x45
