// An edge's profile as bytes: canonical JSON, so that one profile has one spelling, and its hash is its version.
//
// Canonical: keys in code-unit order, no white space, numbers as ECMAScript writes them, UTF-8: RFC 8785. The hash is
// the first 16 hex digits of the SHA-256 of those bytes. Each rate message names the hash its records are to be read
// with; records under another profile are refused by the edge.
//
// Format 2 adds what is promised to each institution and what follows a switched enforcement. It goes to edges that
// read wire version 4; without those two it is the profile of format 1 that others get.

import { canonicalJson } from '../model/canonical.js'
import type { EdgeProfile, ProfileInstitution } from '../model/lease.js'
import { shortHash } from './bytes.js'

export interface ProfileBytes {
  readonly bytes: Buffer
  /** 16 hex digits. */
  readonly hash: string
}

/** The profile as it is stored and told to its edge. */
export function encodeProfile(profile: EdgeProfile): ProfileBytes {
  const bytes = Buffer.from(canonicalJson(profile))
  return { bytes, hash: shortHash(bytes) }
}

/** The same in format 1: without what only format 2 has. */
export function inFormat1({ after: _, institutions, ...profile }: EdgeProfile): EdgeProfile {
  const without = ({ promised: _, ...institution }: ProfileInstitution): ProfileInstitution => institution
  return { ...profile, format: 1, institutions: institutions.map(without) }
}
