// A network in SNDlib's native format (sndlib.ts has its grammar). Rates are written in Mbit/s, to the bit.

import type { BitsPerSecond } from '../../model/units.js'
import type { Network, NetworkLink } from './network.js'
import { SNDLIB_HEADER } from './sndlib.js'

const MEGABIT = 1e6

export function sndlibText({ name, nodes, links, demands }: Network): string {
  return [
    SNDLIB_HEADER,
    `# network ${name}`,
    '',
    'META (',
    '  unit = MBITPERSEC',
    ')',
    '',
    'NODES (',
    ...nodes.map(({ id, at }) => `  ${id}${at === null ? '' : ` ( ${at[0]} ${at[1] === 0 ? 0 : -at[1]} )`}`),
    ')',
    '',
    'LINKS (',
    ...links.map(linkText),
    ')',
    '',
    'DEMANDS (',
    ...demands.map(({ from, to, rate }, n) => `  d${n + 1} ( ${from} ${to} ) 1 ${megabits(rate)} UNLIMITED`),
    ')',
    '',
  ].join('\n')
}

function linkText({ id, from, to, capacity, cost, setup, modules }: NetworkLink): string {
  const steps = modules.map((module) => `${megabits(module.capacity)} ${amount(module.cost)} `).join('')
  const costs = `${amount(0)} ${amount(cost)} ${amount(setup)}`
  return `  ${id} ( ${from} ${to} ) ${megabits(capacity.down)} ${costs} ( ${steps})`
}

/** With two places, and more where there are more. */
const amount = (value: number): string => value.toFixed(6).replace(/0{1,4}$/, '')
const megabits = (rate: BitsPerSecond): string => amount(rate / MEGABIT)
