// Sites that the text for a router cannot say, and why: whoever confirms it knows that nothing limits them there.

export const LEFT_OUT = ['NO_RATES', 'NO_INTERFACE'] as const

export interface SiteLeftOut {
  readonly site: string
  readonly code: (typeof LEFT_OUT)[number]
}

const WHY_LEFT_OUT = {
  NO_RATES: 'its institution has no rates here',
  NO_INTERFACE: 'it has no interface and no VLAN of its own',
} as const satisfies Record<SiteLeftOut['code'], string>

export const leftOutSaid = ({ site, code }: SiteLeftOut): string => `${site}: ${WHY_LEFT_OUT[code]}`
