// The browser's clock; nothing else of the console looks at it.

export const now = (): number => Date.now()

/** @returns what keeps it from happening. */
export function after(milliseconds: number, run: () => void): () => void {
  const timer = setTimeout(run, milliseconds)
  return () => clearTimeout(timer)
}
