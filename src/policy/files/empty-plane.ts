// The files that `mizani init` writes: one example of everything, with the comments that a first reader needs.

export const EMPTY_PLANE: Readonly<Record<string, string>> = {
  'policy.yaml': `# The plane itself: its name and clockwork, what it survives, its services, categories, regions,
# envelopes. Ids are lower case letters, digits, "." and "-"; they are never reused. Rates are 512kbps, 20Mbps,
# 1.5Gbps, or whole bit/s, and count layer-2 bytes.

schema: 1

plane:
  id: example # also the name of its keys in Redis; it never changes
  name: { en: Example network, sw: Mtandao wa mfano }
  timezone: Africa/Dar_es_Salaam
  timing: { tick: 1000, lease: 60000, staleAfterTicks: 3 } # ms, ms, ticks
  bootRate: 256kbps # what an edge without any memory shapes each site at
  # Failures in which all safe rates together must still fit every link: { id, cut: [links or groups], derate: { id:
  # 0.5 } }
  survive:
    - { id: sea-cable, derate: { cable-one: 0.5 } }
  # At each edge: traffic of addresses that no site has, and the gateway's own.
  unmapped: { service: internet, lifeline: 64kbps, weight: 1, ceiling: 10Mbps }
  control: { service: internet, lifeline: 256kbps, weight: 4, ceiling: 10Mbps }

# What is reached, told by the far address; the longest prefix wins, and a service without prefixes is all the rest.
# Either \`via\` (links over which it enters) or \`at\` (nodes where it ends); \`members\` is internet, govnet or
# everyone. \`index\` numbers a service in messages: never change or reuse one.
services:
  internet:
    index: 0
    name: { en: Internet, sw: Intaneti }
    members: internet
    via: [transit-a]

categories:
  agency: { name: { en: Agency, sw: Wakala } }

regions:
  dodoma: { name: { en: Dodoma, sw: Dodoma } }

# Groups of institutions with a ceiling on what they use together, by service. A member names it in institutions.csv.
envelopes: {}

# Here too, once they are wanted: calendars, schedules, modes, guards (what needs a second person), tests (what must
# stay true). What may stand in each part of these files, with an example: \`mizani explain-policy guards\`.
`,
  'network.yaml': `# The network: nodes, shared-risk groups, links, edges.

# Where links meet. \`outside\` is the far end of upstreams; no path leads through it.
nodes:
  outside: { name: { en: Internet, sw: Intaneti } }
  core: { name: { en: Core, sw: Kiini }, region: dodoma }

# What fails together: cables, ducts, roads.
groups:
  cable-one: { name: { en: First cable, sw: Mkongo wa kwanza } }

# kind: upstream, exchange, backbone, uplink or datacentre. \`.down\` is from \`from\` to \`to\`. A capacity is one
# rate for both directions, or { down, up }; \`usable\` is the part that may be promised; \`cost\` is the length for
# the shortest path.
links:
  transit-a: { kind: upstream, from: outside, to: core, capacity: 1Gbps, usable: 0.95, groups: [cable-one] }

# The gateways that enforce. A new edge starts in \`observe\`: it counts and delays nothing. Change it to \`enforce\`
# when the counts are believed.
edges:
  edge-1:
    name: { en: First gateway, sw: Lango la kwanza }
    node: core
    region: dodoma
    port: 1Gbps
    enforcement: observe
`,
  'tiers.yaml': `# What is promised and how the rest is shared: bands, traffic classes, tiers.

# In this order bandwidth is handed out; each band gives, weighted max-min fair, what the bands before it left.
bands:
  - { id: lifeline, kind: guarantee } # at least 64kbps for every flow
  - { id: committed, kind: guarantee }
  - { id: share, kind: share }
  - { id: headroom, kind: headroom, fill: 0.95 }

# Inside one flow, told by DSCP. \`guarantee\` is the part of the flow's rate that a class gets first; then weights.
classes:
  business:
    { index: 0, name: { en: Government systems, sw: Mifumo ya serikali }, dscp: [26, 46], guarantee: 0.4, weight: 4 }
  standard:
    { index: 1, name: { en: Everything else, sw: Mengine yote }, dscp: [0], guarantee: 0.1, weight: 1 }

# One bandwidth function for each service and direction. The guarantee is the sum of the sizes.
tiers:
  basic:
    name: { en: Basic, sw: Msingi }
    services:
      internet:
        down:
          ceiling: 50Mbps
          segments:
            - { band: lifeline, size: 256kbps }
            - { band: committed, size: 10Mbps }
            - { band: share, weight: 1 }
        up:
          ceiling: 25Mbps
          segments:
            - { band: lifeline, size: 256kbps }
            - { band: committed, size: 5Mbps }
            - { band: share, weight: 1 }
`,
  'institutions.csv': `id,name,name_sw,category,region,tier,internet,govnet,envelope
example-agency,Example Agency,Wakala wa Mfano,agency,dodoma,basic,yes,no,
`,
  'sites.csv': `id,institution,edge,prefixes,down,up,vlan,medium
example-agency.office,example-agency,edge-1,10.1.1.0/24 fd00:1:1:1::/64,100Mbps,100Mbps,,fibre
`,
}
