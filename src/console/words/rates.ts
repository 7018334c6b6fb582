// Rates in narrow places: not broken between a figure and its unit, nor between an arrow and its figure.

export const unbroken = (said: string): string => said.replaceAll(' ', '\u00a0')

/** Of both directions, broken only between them. */
export const bothSaid = (down: string, up: string): string => `${unbroken(`↓ ${down}`)} ${unbroken(`↑ ${up}`)}`
