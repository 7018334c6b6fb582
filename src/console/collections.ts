// Of which collection of the policy the ids of a field are, by the name of the field.

const OF: Readonly<Record<string, string>> = {
  ...{ tier: 'tiers', category: 'categories', region: 'regions', envelope: 'envelopes', parent: 'envelopes' },
  ...{ institution: 'institutions', edge: 'edges', service: 'services', node: 'nodes', from: 'nodes', to: 'nodes' },
  ...{ groups: 'groups', via: 'links', at: 'nodes', only: 'calendars', except: 'calendars', during: 'calendars' },
  ...{ link: 'links', cut: 'links', derate: 'links', band: 'bands' },
}
export const collectionOf = (name: string): string => OF[name] ?? name
