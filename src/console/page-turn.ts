// Pages whose reading is told in the trail are not read anew with each tick, but when something was done here.

let turn = 0

/** How often something was done; a page keeps with its data when it was read. */
export const turnNow = (): number => turn

/** Does it; what is shown is older than that then. @throws what it throws. */
export async function turning<Result>(deed: Promise<Result>): Promise<Result> {
  const result = await deed
  turn++
  return result
}
