// What is said about signing in by a provider, English and Swahili side by side.

const TEXTS = {
  with: ['Sign in with', 'Ingia kwa'],
  wait: ['Signing in …', 'Unaingizwa …'],
  back: ['Back to the start', 'Rudi mwanzo'],
  refused: ['You are not signed in.', 'Hujaingia.'],
  UNAUTHENTICATED: ['You are not signed in.', 'Hujaingia.'],
  FORBIDDEN: ['You are known, but not let in.', 'Unatambuliwa, lakini huruhusiwi kuingia.'],
  PROVIDER_UNAVAILABLE: ['The provider does not answer.', 'Mtoa huduma wa utambulisho hajibu.'],
}

export const backWords = (lang) =>
  Object.fromEntries(Object.entries(TEXTS).map(([key, said]) => [key, said[lang === 'sw' ? 1 : 0]]))
