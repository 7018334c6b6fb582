// What a member asks for, in the words that all who speak of it share.

export const REQUEST_STATES = ['open', 'accepted', 'refused', 'withdrawn'] as const
/** The demands under which it is looked at, as a preview has them. */
export const LOOKED_AT = ['now', 'busyHour', 'allAtCeiling', 'worstFailure'] as const
