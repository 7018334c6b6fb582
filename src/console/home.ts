// Where somebody begins.

import { looksAround, type Role } from '../model/principal.js'

export const MINE = '/mine'

/** A member alone has one page. */
export const homeFor = (roles: readonly Role[]): string =>
  roles.includes('member') && !looksAround(roles) ? MINE : '/'
