// The thread that derives keys from passwords. Everything is in src/accounts/derived-key.ts.
export { derivedKey as default } from '../src/accounts/derived-key.js'
