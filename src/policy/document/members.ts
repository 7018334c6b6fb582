// What readers of a policy ask of its members, apart from the schema that checks it: a thread that compiles what was
// checked before needs no validator, which takes megabytes of each thread.

/** From the widest to the narrowest: where two changes set one field, the narrower one holds. */
export const SUBJECTS = ['region', 'category', 'tier', 'institution', 'envelope', 'link'] as const
export type Subject = (typeof SUBJECTS)[number]
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** Whether the institution is subscribed to the service. */
export function subscribes<Subscription extends string>(
  institution: Readonly<Record<Subscription, boolean>>,
  { members }: { readonly members: Subscription | 'everyone' },
): boolean {
  return members === 'everyone' || institution[members]
}

/** Members in the order of their ids: nothing may depend on the order in which a file lists them. */
export function sortedEntries<T>(collection: Readonly<Record<string, T>>): [string, T][] {
  return Object.keys(collection)
    .sort()
    .map((id) => [id, collection[id]!])
}
