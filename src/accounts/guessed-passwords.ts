// Passwords that guessers try first. The list of 49,000 comes with @zxcvbn-ts/language-common (MIT), gathered from what
// leaked elsewhere; it is loaded where somebody chooses a password. What is barely more than one of them, or than a
// name that everybody here knows, is no better: a few digits behind it are tried as well.

/** So many characters beside a known word make no password of it. */
const BESIDE = 5
const SHORTEST_WORD = 4
const LOOKS_LIKE: Readonly<Record<string, string>> = {
  ...{ '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's', '!': 'i' },
}

let list: Promise<ReadonlySet<string>> | undefined

async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  return new Set(dictionary['passwords-common'])
}

/**
 * Why a password is easily guessed; null: it is not.
 * @param names of the account, of the institutions: what guessers here know
 */
export async function commonFault(password: string, names: Iterable<string>): Promise<string | null> {
  list ??= load()
  const common = await list
  const known = new Set([...names].map(plain).filter((name) => name.length >= SHORTEST_WORD))
  for (const form of formsOf(password)) {
    for (const word of nearlyAll(form)) {
      if (common.has(word)) return 'This is, or nearly is, one of the passwords that are tried first.'
      if (known.has(word)) return 'This is hardly more than a name that people here know.'
    }
  }
  return null
}

/** Small letters and digits alone. */
const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

/** As it is, with letters for what stands for them, and of what is said again and again one time. */
function formsOf(password: string): Set<string> {
  const small = password.normalize('NFKC').toLowerCase()
  const spelled = small.replace(/[013457@$!]/g, (sign) => LOOKS_LIKE[sign] ?? sign)
  const forms = [small, spelled, plain(small), plain(spelled)]
  return new Set(forms.flatMap((form) => [form, onceOf(form)]))
}

function onceOf(form: string): string {
  for (let length = 1; length <= form.length / 2; length++) {
    const unit = form.slice(0, length)
    if (unit.repeat(Math.ceil(form.length / length)).startsWith(form)) return unit
  }
  return form
}

/** All of it, and what is left when a few characters at its ends go. */
function* nearlyAll(form: string): Generator<string> {
  const shortest = Math.max(1, form.length - BESIDE)
  for (let length = form.length; length >= shortest; length--) {
    for (let from = 0; from + length <= form.length; from++) yield form.slice(from, from + length)
  }
}
