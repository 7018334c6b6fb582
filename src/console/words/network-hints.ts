// Hints of forms in Swahili, by the English that the schema of the policy has: the whole, the plane, its lines,
// gateways and services. A hint that has none here fails a test.

export const NETWORK_HINTS: Readonly<Record<string, string>> = {
  'The whole policy of a plane': 'Sera yote ya mtandao',
  'Version of the shape of this document': 'Toleo la muundo wa waraka huu',
  'Regions that institutions, nodes and edges lie in, by id': 'Mikoa yenye taasisi, vituo na malango, kwa vitambulisho',
  'Kinds of institutions, by id': 'Aina za taasisi, kwa vitambulisho',
  'Where links meet, by id': 'Mahali viungo vinapokutana, kwa vitambulisho',
  'Shared-risk groups (cables, ducts, roads), by id':
    'Makundi ya hatari moja (mikongo, mifereji, barabara), kwa vitambulisho',
  'Lines between nodes, by id': 'Njia kati ya vituo, kwa vitambulisho',
  'Gateways that enforce, by id': 'Malango yanayotekeleza kasi, kwa vitambulisho',
  'What is reached: the internet, government systems, data centres; by id':
    'Kinachofikiwa: intaneti, mifumo ya serikali, vituo vya data; kwa vitambulisho',
  'The order in which bandwidth is handed out; each band gives, weighted max-min fair, what those before it left':
    'Mpangilio wa kugawa kasi; kila hatua hugawa kwa haki, kwa uzito, kilichobaki kwenye hatua zilizotangulia',
  'Traffic classes inside one flow, by id': 'Madaraja ya trafiki ndani ya mtiririko mmoja, kwa vitambulisho',
  'What is promised and how the rest is shared, by id':
    'Kinachoahidiwa na jinsi kilichobaki kinavyogawanywa, kwa vitambulisho',
  'Groups of institutions that share as one, by id': 'Makundi ya taasisi yanayoshiriki kama moja, kwa vitambulisho',
  'Public bodies that receive bandwidth, by id': 'Taasisi za umma zinazopata kasi, kwa vitambulisho',
  'Where institutions meet edges, by id': 'Mahali taasisi zinapounganishwa na malango, kwa vitambulisho',
  'Institutions that were closed, by the ids that are never used again':
    'Taasisi zilizofungwa, kwa vitambulisho visivyotumika tena',
  'Days with a name: holidays, examinations; by id': 'Siku zenye jina: sikukuu, mitihani; kwa vitambulisho',
  'Changes that hold at hours of the week, by id': 'Mabadiliko yanayotumika saa fulani za wiki, kwa vitambulisho',
  'Prepared sets of changes that one word switches on, by id':
    'Mabadiliko yaliyoandaliwa yanayowashwa kwa neno moja, kwa vitambulisho',
  'Which changes of the policy need a second person, by id':
    'Mabadiliko ya sera yanayohitaji mtu wa pili, kwa vitambulisho',
  'What must stay true whatever is changed, by id': 'Yanayopaswa kubaki kweli hata sera ikibadilika, kwa vitambulisho',
  'What is bought of providers, by id': 'Kinachonunuliwa kwa watoa huduma, kwa vitambulisho',
  'What was agreed with institutions, by id': 'Yaliyokubaliwa na taasisi, kwa vitambulisho',
  'Rules by which costs are shared, by id': 'Kanuni za kugawana gharama, kwa vitambulisho',
  'A failure that the plane says it survives: what is cut or derated together':
    'Hitilafu ambayo mtandao unaihimili: vinavyokatika au kupungua kwa pamoja',
  'Its name in messages': 'Jina lake kwenye ujumbe',
  'What is cut: links, directed links such as transit-a.down, or groups':
    'Vinavyokatika: viungo, viungo vya mwelekeo mmoja kama transit-a.down, au makundi',
  'What is left of a capacity, by link, directed link or group: 0.5 is half':
    'Sehemu ya uwezo inayobaki kwa kila kiungo, mwelekeo au kundi: 0.5 ni nusu',
  "An edge's own traffic that belongs to no institution; in the solve like any other":
    'Trafiki ya lango lenyewe isiyo ya taasisi yoyote; huhesabiwa kwenye mgao kama nyingine',
  'The service it counts as': 'Huduma ambayo huhesabiwa kwayo',
  'What it is promised at each edge, in the first band': 'Inachoahidiwa katika kila lango, kwenye hatua ya kwanza',
  'How it shares what is left, beside the weights of tiers': 'Inavyoshiriki kilichobaki, pamoja na uzito wa madaraja',
  'The most it gets at each edge': 'Kasi ya juu kabisa katika kila lango',
  'The plane itself: its name, its clockwork, what it survives':
    'Mtandao wenyewe: jina lake, muda wa mizunguko, hitilafu unazohimili',
  'Its name, also that of its keys in Redis. It never changes':
    'Jina lake, pia la funguo zake kwenye Redis. Halibadiliki kamwe',
  'What people call it': 'Watu wanavyouita',
  'In English': 'Kwa Kiingereza',
  'In Swahili': 'Kwa Kiswahili',
  'IANA time zone of schedules, guards and reports': 'Ukanda wa saa (IANA) wa ratiba, walinzi na ripoti',
  'A figure here is an assumption, not a decision of the operator: every page says DEMO':
    'Kuna takwimu ya kudhania, isiyo uamuzi wa mwendeshaji: kila ukurasa huonyesha DEMO',
  'The clockwork': 'Muda wa mizunguko',
  'ms between two allocations': 'Milisekunde kati ya migao miwili',
  'ms that an edge keeps its rates without hearing anything; then it falls back to its safe rates':
    'Milisekunde ambazo lango hubaki na viwango vyake bila kusikia chochote; kisha hurudi kwenye viwango salama',
  'Ticks without a report after which an edge counts as stale':
    'Mizunguko bila ripoti ambayo baada yake lango huhesabiwa kimya',
  'How demand is told from what arrives': 'Mahitaji yanavyokadiriwa kutokana na kinachofika',
  'What is asked for is this much more than what arrives: a factor':
    'Kinachoombwa kinazidi kinachofika kwa kiasi hiki: kizidisho',
  'A flow whose arrivals reach this part of its rate is throttled, and asks for more':
    'Mtiririko unaofikia sehemu hii ya kasi yake umebanwa, na unaomba zaidi',
  'What an edge without any memory shapes each site at': 'Kasi ambayo lango lisilo na kumbukumbu hulipa kila eneo',
  'Failures in which all safe rates together still fit every link':
    'Hitilafu ambazo viwango vyote salama kwa pamoja bado hutoshea kila kiungo',
  'At each edge: traffic of addresses that no site has': 'Katika kila lango: trafiki ya anwani zisizo za eneo lolote',
  "At each edge: the gateway's own traffic (management, routing, its Redis)":
    'Katika kila lango: trafiki ya lango lenyewe (usimamizi, uelekezaji, Redis yake)',
  'Something that only has a name': 'Kitu chenye jina tu',
  'Its name': 'Jina lake',
  'Texts of your own by name: contract, customer, ticket. Not prices: whoever may look around reads them':
    'Maandishi yako mwenyewe kwa majina: mkataba, mteja, tiketi. Si bei: kila anayeruhusiwa kuangalia huyasoma',
  'A place where links meet': 'Mahali viungo vinapokutana',
  'Region it lies in; null: none, such as the far end of upstreams':
    'Mkoa kilipo; wazi: hakuna, kama mwisho wa mbali wa njia za nje',
  'Where it stands in the picture of the network: x to the right and y down, in any unit':
    'Mahali pake kwenye picha ya mtandao: x kuelekea kulia, y kuelekea chini, kwa kipimo chochote',
  'A shared-risk group: what fails together because it lies in one cable, duct or road':
    'Kundi la hatari moja: vinavyokatika pamoja kwa kuwa vipo kwenye mkongo, mfereji au barabara moja',
  'A line between two nodes, in both directions': 'Njia kati ya vituo viwili, pande zote mbili',
  'What it is. The far end of an upstream or exchange is no corridor':
    'Ni cha aina gani. Mwisho wa mbali wa njia ya nje au ya kubadilishana si njia ya kupita',
  'Node at one end: the one nearer to the outside. `.down` is from `from` to `to`':
    'Kituo cha mwisho mmoja: kilicho karibu na nje. `.down` ni kutoka `from` kwenda `to`',
  'Node at the other end': 'Kituo cha mwisho wa pili',
  'What is built': 'Uwezo uliojengwa',
  'Towards the institution': 'Kuelekea taasisi',
  'From the institution': 'Kutoka taasisi',
  'Part of the capacity that may be promised and used': 'Sehemu ya uwezo inayoweza kuahidiwa na kutumika',
  'Length for the shortest path; at least 1, so that a path never goes round in circles':
    'Urefu wa kutafutia njia fupi; angalau 1, ili njia isizunguke',
  'Shared-risk groups it lies in': 'Makundi ya hatari moja kilimo',
  'A gateway that enforces rates for the sites behind it': 'Lango linalotekeleza kasi za maeneo nyuma yake',
  'Node it stands at': 'Kituo lilipo',
  'Region it stands in: engineers may be scoped to one': 'Mkoa lilipo: wahandisi wanaweza kupewa mkoa mmoja',
  'Its port towards the node, of all its lines together': 'Mlango wake kuelekea kituo, wa laini zake zote kwa pamoja',
  'Its lines by name, where it has several: what is left of `port` when one of them is cut or derated':
    'Laini zake kwa majina, kama ni kadhaa: kinachobaki cha mlango laini moja ikikatika au kupungua',
  'observe: counts and delays nothing; enforce; hold: keeps what it has; bypass: lets all through':
    'kuangalia: huhesabu bila kuchelewesha; kutekeleza; kushikilia: hubaki na ilizo nazo; kuachia: hupitisha vyote',
  'live: new rates each tick; paced: seldom, for slow devices; static: written and confirmed by a person':
    'moja kwa moja: kasi mpya kila mzunguko; kwa nafasi: mara chache, vifaa vya polepole; kwa mkono: huandikwa na mtu',
  'What it is reached over: says how patient we are': 'Linafikiwa kwa njia gani: huamua tunasubiri kwa muda gani',
  'What is reached, told by the far address; the longest prefix wins':
    'Kinachofikiwa, hutambuliwa kwa anwani ya mbali; anwani mahususi zaidi hutangulia',
  'Its number in messages and in tc. It never changes and is never used again':
    'Namba yake kwenye ujumbe na kwenye tc. Haibadiliki na haitumiki tena kamwe',
  'Which flag of an institution subscribes it': 'Alama gani ya taasisi huisajili',
  'Far prefixes; none: whatever no other service claims':
    'Anwani za mbali; zisipotajwa: zote zisizo za huduma nyingine',
  'Links over which its traffic enters the plane; or else `at`':
    'Viungo ambavyo trafiki yake huingilia mtandao; au taja vituo',
  'Nodes at which it ends; or else `via`': 'Vituo inapoishia; au taja viungo',
  'How traffic is divided over several links or nodes': 'Trafiki inavyogawanywa kwenye viungo au vituo kadhaa',
  'Of split `fixed`: part of the traffic by link or node; they sum to 1':
    'Kwa mgawanyo wa kudumu: sehemu ya trafiki kwa kiungo au kituo; jumla ni 1',
}
