// Every name in a policy leads somewhere.

import { DIRECTIONS } from '../../model/network.js'
import { breakableOf, referencesOf } from './names.js'
import { type Rule, rule } from './rule.js'

export const REFERENCES: readonly Rule[] = [
  rule(['institutions', 'categories', 'regions', 'tiers', 'envelopes', 'former'], ({ institutions }, names, report) => {
    const check = referencesOf(report)
    const ever = new Set([...names.institutions, ...names.former])
    for (const [id, { category, region, tier, envelope, from = [] }] of Object.entries(institutions)) {
      check(['institutions', id, 'category'], 'category', category, names.categories)
      check(['institutions', id, 'region'], 'region', region, names.regions)
      check(['institutions', id, 'tier'], 'tier', tier, names.tiers)
      check(['institutions', id, 'envelope'], 'envelope', envelope, names.envelopes)
      for (const [at, other] of from.entries()) check(['institutions', id, 'from', at], 'institution', other, ever)
      if (names.former.has(id)) {
        report('CLOSED', ['institutions', id], `"${id}" was closed; an id is never used again, take another one`)
      }
    }
  }),
  rule(['sites', 'institutions', 'edges'], ({ sites }, names, report) => {
    const check = referencesOf(report)
    for (const [id, { institution, edge }] of Object.entries(sites)) {
      check(['sites', id, 'institution'], 'institution', institution, names.institutions)
      check(['sites', id, 'edge'], 'edge', edge, names.edges)
    }
  }),
  rule(['edges', 'nodes', 'regions'], ({ edges, nodes }, names, report) => {
    const check = referencesOf(report)
    for (const [id, { node, region }] of Object.entries(edges)) {
      check(['edges', id, 'node'], 'node', node, names.nodes)
      check(['edges', id, 'region'], 'region', region, names.regions)
    }
    for (const [id, { region }] of Object.entries(nodes)) {
      check(['nodes', id, 'region'], 'region', region, names.regions)
    }
  }),
  rule(['links', 'nodes', 'groups'], ({ links }, names, report) => {
    const check = referencesOf(report)
    for (const [id, { from, to, groups }] of Object.entries(links)) {
      check(['links', id, 'from'], 'node', from, names.nodes)
      check(['links', id, 'to'], 'node', to, names.nodes)
      for (const [at, group] of groups.entries()) check(['links', id, 'groups', at], 'group', group, names.groups)
    }
  }),
  rule(['services', 'links', 'nodes'], ({ services }, names, report) => {
    const check = referencesOf(report)
    for (const [id, { via, at, fractions }] of Object.entries(services)) {
      for (const [i, link] of via.entries()) check(['services', id, 'via', i], 'link', link, names.links)
      for (const [i, node] of at.entries()) check(['services', id, 'at', i], 'node', node, names.nodes)
      const anchors = new Set([...via, ...at])
      for (const key of Object.keys(fractions)) check(['services', id, 'fractions', key], 'anchor', key, anchors)
    }
  }),
  rule(['envelopes', 'services', 'bands'], ({ envelopes }, names, report) => {
    const check = referencesOf(report)
    for (const [id, { parent, ceilings, weights, guarantees }] of Object.entries(envelopes)) {
      check(['envelopes', id, 'parent'], 'envelope', parent, names.envelopes)
      for (const [field, byService] of Object.entries({ ceilings, weights, guarantees })) {
        for (const key of Object.keys(byService)) check(['envelopes', id, field, key], 'service', key, names.services)
      }
      for (const [service, { band }] of Object.entries(guarantees)) {
        check(['envelopes', id, 'guarantees', service, 'band'], 'band', band, names.bands)
      }
    }
  }),
  rule(['tiers', 'services', 'bands'], ({ tiers }, names, report) => {
    const check = referencesOf(report)
    for (const [id, { services }] of Object.entries(tiers)) {
      for (const [service, pair] of Object.entries(services)) {
        check(['tiers', id, 'services', service], 'service', service, names.services)
        for (const direction of DIRECTIONS) {
          for (const [at, { band }] of pair[direction].segments.entries()) {
            check(['tiers', id, 'services', service, direction, 'segments', at, 'band'], 'band', band, names.bands)
          }
        }
      }
    }
  }),
  rule(['plane', 'services', 'links', 'edges', 'sites', 'groups'], ({ plane }, names, report) => {
    const check = referencesOf(report)
    check(['plane', 'unmapped', 'service'], 'service', plane.unmapped.service, names.services)
    check(['plane', 'control', 'service'], 'service', plane.control.service, names.services)
    const breakable = breakableOf(names)
    for (const [at, { cut, derate }] of plane.survive.entries()) {
      const path = ['plane', 'survive', at]
      for (const [i, id] of cut.entries()) check([...path, 'cut', i], 'link or group', id, breakable)
      for (const id of Object.keys(derate)) check([...path, 'derate', id], 'link or group', id, breakable)
    }
  }),
]
