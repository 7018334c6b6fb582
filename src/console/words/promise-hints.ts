// Hints of forms in Swahili, by the English that the schema of the policy has: who is promised what, and how the rest
// is shared.

export const PROMISE_HINTS: Readonly<Record<string, string>> = {
  'A step of the order in which bandwidth is handed out': 'Hatua moja ya mpangilio wa kugawa kasi',
  'guarantee: promised sizes; share: by weight up to demand; headroom: what is free, for a burst':
    'uhakika: viwango vilivyoahidiwa; mgao wa haki: kwa uzito hadi mahitaji; nafasi ya ziada: kilicho huru, kwa ghafla',
  'Part of each link that may be filled in this band': 'Sehemu ya kila kiungo inayoweza kujazwa katika hatua hii',
  'A traffic class inside one flow, told by DSCP': 'Daraja la trafiki ndani ya mtiririko mmoja, hutambuliwa kwa DSCP',
  'Its order, and its number in messages and in tc. It never changes and is never used again':
    'Nafasi yake, na namba yake kwenye ujumbe na kwenye tc. Haibadiliki na haitumiki tena kamwe',
  'Code points (RFC 4594) of its packets': 'Alama (RFC 4594) za pakiti zake',
  'How it shares what the guarantees of the classes leave':
    'Inavyoshiriki kinachobaki baada ya viwango vya uhakika vya madaraja',
  "Part of the flow's rate that it gets first": 'Sehemu ya kasi ya mtiririko inayoipata kwanza',
  'What an institution of this tier is promised, and how it shares the rest':
    'Kinachoahidiwa kwa taasisi ya daraja hili, na inavyoshiriki kilichobaki',
  'By service: every service that its institutions take': 'Kwa huduma: kila huduma ambayo taasisi zake zinapata',
  'One step of a bandwidth function': 'Hatua moja ya mgao wa kasi',
  'The band it stands in': 'Hatua ya mgao ilipo',
  'Guarantee bands: what is promised': 'Kwa hatua za uhakika: kinachoahidiwa',
  'Share and headroom bands: how it shares; in a guarantee band it multiplies the size':
    'Kwa hatua za mgao wa haki na nafasi ya ziada: inavyoshiriki; kwa hatua ya uhakika huzidisha kilichoahidiwa',
  "Share bands: the flow's total at which this weight ends. The last segment of a band has none":
    'Kwa mgao wa haki: jumla ya mtiririko ambapo uzito huu huishia. Hatua ya mwisho haina',
  'A bandwidth function: what a flow is promised, how it shares, where it ends':
    'Mgao wa kasi: mtiririko unaahidiwa nini, unashiriki vipi, unaishia wapi',
  'The most the flow ever gets': 'Kasi ya juu kabisa ambayo mtiririko hupata',
  'In the order of the bands. The guarantee is the sum of the sizes':
    'Kwa mpangilio wa hatua za mgao. Kiwango cha uhakika ni jumla ya vilivyoahidiwa',
  'A group of institutions, such as a ministry with all below it, that shares as one':
    'Kundi la taasisi, kama wizara na zote zilizo chini yake, linaloshiriki kama moja',
  'The envelope around it; null: none': 'Fungu linaloizunguka; wazi: hakuna',
  'Most that all institutions below use together, by service':
    'Kasi ya juu ambayo taasisi zote za chini hutumia kwa pamoja, kwa huduma',
  "How it shares with what stands beside it, by service; absent: the sum of its members' first share weights":
    'Inavyoshiriki na zilizo kando yake, kwa huduma; isipotajwa: jumla ya uzito wa kwanza wa wanachama',
  'What all institutions below are promised together, by service':
    'Kinachoahidiwa kwa taasisi zote za chini kwa pamoja, kwa huduma',
  'A guarantee band that no tier uses': 'Hatua ya uhakika ambayo hakuna daraja linaloitumia',
  'What they are promised together': 'Kinachoahidiwa kwa pamoja',
  'A public body that receives bandwidth. In institutions.csv, a row each':
    'Taasisi ya umma inayopata kasi. Katika institutions.csv, mstari mmoja kila moja',
  'What kind of body it is: one of `categories`': 'Ni taasisi ya aina gani: moja ya aina za taasisi',
  'Where it sits: one of `regions`': 'Mahali ilipo: mmoja wa mikoa',
  'What it is promised: one of `tiers`': 'Inachoahidiwa: moja ya madaraja',
  'Whether it takes the services whose members are `internet`':
    'Kama inapata huduma ambazo wanachama wake ni wa intaneti',
  'Whether it takes the services whose members are `govnet`': 'Kama inapata huduma ambazo wanachama wake ni wa GovNet',
  'The envelope it belongs to; null: none': 'Fungu lake; wazi: hakuna',
  "Ceilings of this institution alone, by service, in place of its tier's":
    'Vikomo vya taasisi hii peke yake, kwa huduma, badala ya vya daraja lake',
  'Noun class of its Swahili name, for verbs to agree with, where the name does not tell it':
    'Ngeli ya jina lake la Kiswahili, ili vitenzi vikubaliane nalo, kama jina halionyeshi',
  'Whose history it goes on with: those it was split from, or that were merged into it':
    'Taasisi ambazo kumbukumbu zake inaziendeleza: ilizogawanywa kutoka, au zilizounganishwa ndani yake',
  'Whether those who only look around see it in a sum with all that are restricted, never by itself':
    'Kama wanaoangalia tu huiona kwa jumla pamoja na zote zenye usiri, kamwe si peke yake',
  'Where an institution meets an edge. In sites.csv, a row each':
    'Mahali taasisi inapounganishwa na lango. Katika sites.csv, mstari mmoja kila eneo',
  'Whose site it is': 'Ni eneo la taasisi gani',
  'The edge that enforces its rates': 'Lango linalotekeleza kasi zake',
  'Its networks, IPv4 or IPv6. Without any, and without a VLAN, no gateway can tell its traffic':
    'Mitandao yake, IPv4 au IPv6. Bila hiyo wala VLAN, hakuna lango linaloweza kutambua trafiki yake',
  'Its VLAN at the edge; null: told by prefix': 'VLAN yake langoni; wazi: hutambuliwa kwa anwani',
  'Where a router that is configured by hand has it: a routed port or a subinterface, all of it this site':
    'Lilipo kwenye ruta inayopangwa kwa mkono: mlango wa uelekezaji au sehemu yake, wote wa eneo hili',
  'Its access line (columns down and up of sites.csv)': 'Laini yake ya kuunganishia (safu down na up za sites.csv)',
  'What its access line is made of': 'Laini yake ya kuunganishia ni ya aina gani',
  'An institution that was closed': 'Taasisi iliyofungwa',
}
