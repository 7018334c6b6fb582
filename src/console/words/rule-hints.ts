// Hints of forms in Swahili, by the English that the schema of the policy has: what changes by itself, who has to
// agree, what must stay true, and what is bought.

export const RULE_HINTS: Readonly<Record<string, string>> = {
  'Days with a name: holidays, the weeks of national examinations':
    'Siku zenye jina: sikukuu, wiki za mitihani ya taifa',
  'Stretches of days': 'Vipindi vya siku',
  'The first day, such as 2026-12-09': 'Siku ya kwanza, kama 2026-12-09',
  'The last day, included': 'Siku ya mwisho, nayo imo',
  'Changes that hold at hours of the week by themselves': 'Mabadiliko yanayotumika yenyewe saa fulani za wiki',
  'Days of the week on which it begins': 'Siku za wiki inapoanza',
  "Time of day at which it begins, in the plane's time zone, such as 07:30":
    'Saa inapoanza, kwa ukanda wa saa wa mtandao, kama 07:30',
  'Time of day at which it ends; at or before `from`: on the next day':
    'Saa inapoisha; ikiwa si baada ya saa ya kuanza: siku inayofuata',
  'Only on days of this calendar; null: on any': 'Siku za kalenda hii tu; wazi: siku yoyote',
  'Not on days of this calendar; null: on any': 'Isipokuwa siku za kalenda hii; wazi: siku yoyote',
  'What changes. Where two touch one field, the narrower subject wins: region, category, tier, institution':
    'Yanayobadilika. Mawili yakigusa sehemu moja, lililo finyu hushinda: mkoa, aina, daraja, taasisi',
  'A change that holds for a while: another tier, other ceilings, or less of a link':
    'Badiliko la muda: daraja jingine, vikomo vingine, au kiungo kilichopungua',
  'Whom it concerns: one of region, category, tier, institution, envelope, link, with an id':
    'Linahusu nani: kimoja cha mkoa, aina, daraja, taasisi, fungu au kiungo, pamoja na kitambulisho',
  'Of institutions: another tier': 'Kwa taasisi: daraja jingine',
  'Of institutions or an envelope: other ceilings, by service': 'Kwa taasisi au fungu: vikomo vingine, kwa huduma',
  'Of a link, directed link or shared-risk group: what is left of its capacity; 0 is a cut':
    'Kwa kiungo, mwelekeo wake au kundi la hatari moja: kinachobaki cha uwezo; 0 ni kukatika',
  'Changes written and approved by day, switched on by one word at night':
    'Mabadiliko yaliyoandikwa na kuidhinishwa mchana, yanayowashwa kwa neno moja usiku',
  'Minutes that it stays on without being switched again, at most':
    'Dakika za juu ambazo hubaki imewashwa bila kuwashwa tena',
  'Changes that need a second person. All conditions that are named must hold; none named: every change':
    'Mabadiliko yanayohitaji mtu wa pili. Masharti yote yaliyotajwa lazima yatimie; yasipotajwa: kila badiliko',
  'The change touches one of these: beginnings of JSON pointers, /tiers or /institutions/state-house':
    'Badiliko linagusa mojawapo ya hizi: mianzo ya viashiria vya JSON, /tiers au /institutions/state-house',
  'More institutions than this lose, in one of the four demands of a preview':
    'Taasisi zaidi ya hizi zinapungukiwa, katika mojawapo ya mahitaji manne ya onyesho la awali',
  'A promise breaks that held before': 'Ahadi iliyokuwa inatimizwa inavunjika',
  "It is made in these hours of the week, in the plane's time zone; over its end too":
    'Linafanyika saa hizi za wiki, kwa ukanda wa saa wa mtandao; hata kupita mwisho wake',
  'Such as "fri 14:00"': 'Kwa mfano "fri 14:00"',
  'Such as "mon 07:00"': 'Kwa mfano "mon 07:00"',
  'It is made on a day of this calendar': 'Linafanyika siku ya kalenda hii',
  'What must stay true: a change under which it begins to fail is refused':
    'Kinachopaswa kubaki kweli: badiliko linalokifanya kianze kushindwa hukataliwa',
  'Whom it speaks of, and what they keep. Says either `keeps` or, beside it, `atLeast`':
    'Inawahusu nani, na wanabaki na nini. Hutaja `keeps` au, kando yake, `atLeast`',
  'Only this institution': 'Taasisi hii tu',
  'Only this category': 'Aina hii tu',
  'Only this tier': 'Daraja hili tu',
  'Only this region': 'Mkoa huu tu',
  'Only this service': 'Huduma hii tu',
  'Only this direction': 'Mwelekeo huu tu',
  'lifeline: the first band is kept whole; guarantee: all guarantee bands are':
    'kiwango cha msingi: hatua ya kwanza hutimizwa yote; uhakika: hatua zote za uhakika hutimizwa',
  'Least need of each flow that is meant, or what it asks for where that is less':
    'Kasi ya chini kabisa ya kila mtiririko unaohusika, au inachoomba kama ni kidogo zaidi',
  'The failure under which it holds; nothing: the whole network':
    'Hitilafu ambayo inatumika wakati wake; isipotajwa: mtandao mzima',
  'What is cut: links, directed links or groups': 'Vinavyokatika: viungo, viungo vya mwelekeo mmoja, au makundi',
  'What is left of a capacity, by link or group': 'Sehemu ya uwezo inayobaki, kwa kiungo au kundi',
  'Each link of these kinds alone, one after the other': 'Kila kiungo cha aina hizi peke yake, kimoja baada ya kingine',
  'ceiling: everyone asks for all they may; busy-hour: what a busy office hour asks':
    'kikomo: kila mmoja anaomba yote anayoruhusiwa; saa ya shughuli nyingi: mahitaji ya saa za kazi',
  'Why it is written; shown when it fails': 'Kwa nini imeandikwa; huonyeshwa inaposhindwa',
  'What is bought of a provider. Its price stands in the price book':
    'Kinachonunuliwa kwa mtoa huduma. Bei yake ipo kwenye daftari la bei',
  'Who is paid': 'Anayelipwa',
  'What it pays for: links; shared-risk groups, for all links in them; sites, for their access lines':
    'Unacholipia: viungo; makundi ya hatari moja, kwa viungo vyote vilivyomo; maeneo, kwa laini zake',
  'What may be used': 'Uwezo unaoruhusiwa kutumika',
  'What is paid for whatever is carried; 0: nothing is': 'Kinacholipiwa hata kisipotumika; 0: hakuna',
  'Percentile of the five-minute means that is billed, by nearest rank':
    'Asilimia ya wastani wa dakika tano inayotozwa, kwa nafasi iliyo karibu',
  'Which direction is billed: the greater percentile, or one':
    'Mwelekeo unaotozwa: wenye asilimia kubwa zaidi, au mmoja',
  'Day on which its billing month begins': 'Siku mwezi wake wa malipo unapoanza',
  "IANA time zone of its billing month; absent: the plane's":
    'Ukanda wa saa (IANA) wa mwezi wake wa malipo; usipotajwa: wa mtandao',
  'The first day on which it holds': 'Siku ya kwanza ya kutumika',
  'The last day on which it holds; null: no end is agreed': 'Siku ya mwisho ya kutumika; wazi: mwisho haujakubaliwa',
  'Days from ordering a change to having it': 'Siku kutoka kuagiza badiliko hadi kulipata',
  'Services that it carries; absent: those that enter by its links, or all where none does':
    'Huduma inazobeba; zisipotajwa: zinazoingia kwa viungo vyake, au zote kama hakuna',
  'The rule by which its cost is shared; null: nobody is charged':
    'Kanuni ya kugawana gharama yake; wazi: hakuna anayetozwa',
  'References of documents': 'Kumbukumbu namba za nyaraka',
  'What was agreed with an institution. In a sheet, a row each':
    'Yaliyokubaliwa na taasisi. Katika jedwali, mstari mmoja kila makubaliano',
  'With whom': 'Na nani',
  'The reference of the document': 'Kumbukumbu namba ya waraka',
  'The tier that was promised': 'Daraja lililoahidiwa',
  'The services that were promised': 'Huduma zilizoahidiwa',
  'Part of the time in which what the tier guarantees is to be kept, where it is asked for':
    'Sehemu ya muda ambayo uhakika wa daraja unapaswa kutimizwa, unapohitajika',
  'Who signed for the institution': 'Aliyesaini kwa niaba ya taasisi',
  'The budget code that it is paid from': 'Kifungu cha bajeti kinacholipia',
  'By what the cost of a contract is shared among those who use it':
    'Gharama ya mkataba inagawanywa kwa kipimo gani kati ya wanaoutumia',
  'Its parts; their shares sum to 1': 'Sehemu zake; mgao wake kwa jumla ni 1',
  'promise: what was guaranteed; percentile, volume: what was carried; tier-price: the price of the tier':
    'ahadi: kilichohakikishwa; asilimia, kiasi: kilichobebwa; bei ya daraja: bei ya daraja la taasisi',
  'Part of the cost that is shared so': 'Sehemu ya gharama inayogawanywa hivyo',
  'Hours in which what is carried costs these tiers nothing; absent: none':
    'Saa ambazo kinachobebwa hakiyatozi madaraja haya; zisipotajwa: hakuna',
  "Time of day at which it begins, in the contract's time zone": 'Saa inapoanza, kwa ukanda wa saa wa mkataba',
  'Tiers whose traffic of these hours is not counted': 'Madaraja ambayo trafiki ya saa hizi haihesabiwi',
}
