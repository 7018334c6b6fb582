// Written by `node src/bin/run.mjs test/faults/model/choose.ts 800`: the stories of
// `npm test`, what was seen (a to v) and what happened, in order (A to Z), with the letter of the edge that
// it happened to. A pair is any two with at most one between them.
//
//   a  FRESH in enforce
//   b  FRESH in hold
//   c  FRESH in observe
//   d  FRESH in bypass
//   e  STALE in enforce
//   f  STALE in hold
//   g  STALE in observe
//   h  STALE in bypass
//   i  SAFE in enforce
//   j  SAFE in hold
//   k  SAFE in observe
//   l  SAFE in bypass
//   m  a kernel refuses
//   n  a message is lost
//   o  a message comes twice
//   p  counters are not known
//   q  a publication is fenced
//   r  its answer is lost
//   s  a content has lapsed
//   t  another leads
//   u  who leads had heard
//   v  who leads had not heard
//   A  down line cut
//   B  up line cut
//   C  both cut
//   D  falls silent, then hears nothing
//   E  lossy
//   F  late
//   G  agent dies, restarted from disk
//   H  agent stands still
//   I  reboot
//   J  refuses
//   K  slow
//   L  hold
//   M  observe
//   N  bypass
//   O  leader dies
//   P  leader stands still
//   Q  store away
//   R  answers lost
//   S  capacity lost
//   T  rerouted
//   U  network whole
//   V  store loses all
//   W  policy
//   X  demand
//   Y  standbys hear nothing
//   Z  store falls behind

export const CHOSEN = `
90206      trouble     a-cde---i-k--n-p--st-- AePSIeOUBcMwXNcMcVDwNeUQHcLcSLcUWVHe
942701     trouble     a-cde---i-k--n---rs--- CeQGcNwDcAcWKcTNcRBcWKcQFcMwVMcMe
949486     trouble     a---e---i-k-mn----st-- JcWUXFeKeIeGwTTOFeBcPIeHcUVTAwU
1002907    trouble     a-cde-ghi-k-mn-p--stu- BwVMcBwOLeMeCwOSXDeVVNcWQJeUNeDe
1003409    trouble     ab--e---i-k--no--rs--- EePBeCwDcQEeWIeFwWWLeEcGcWUGeWAeTRFcDw
1041688    trouble     a-c-e-g-i-k--n---rst-- UDeAeTSWBcQSUBeUQTMeCeMeOHeHwRCe
1151099    trouble     a---e---i-k--nop--st-- CeGwUBcOLwDcGwXDcXUGwPPIwSDcEe
2005711    trouble     a-cde--hi-k--n---rstu- KcQOFeTWVNwTMcXVNcOGeFeRNcAwOJe
2005852    trouble     a-c-e-g-i-k-mnop-rst-- UEcDwMeQORXJwDwQWSLeIeTREwDcHe
144 beside trouble     abc-efg-i-k-mn-----t-- DcIeDcMwGcQFcLeHcTGwAeDwMcBwJcDwQXBc
270 beside trouble     abc-e---i-k-mn-----t-- TOBeEwGwPDeJeGcFeUHeHcXMwJwMwLeTDc
2062 whole trouble     ab--ef--i-k-mn-p--stu- LcPKwBeFeJcOTBeWWHcHeUTFcVIwVOJeKc
4301 whole trouble     ab-def-hi-k--no---st-- NcFcLcEeLcLwGcPTXNcDwOIeFeKcKcAeCeS
4462 whole trouble     ab-def-hi-k--nop--st-- WDcBcNcKcDeEeDeUXLwQPQLeCeHcWCe
5698 whole trouble     a---e---ijk-mnop--st-- JeGwQBwTMwWSXLwQDwXDeSFeCwOLeWWIcEcT
5976 whole trouble     a-c-e---i-k--n-p--stu- SBwGwXVIcTFcPHcHwTWMwDcCcAeFcFwBcGe
7674 whole trouble     ab-de---i-k-mnop-rstu- ULeDcJcXRJwKwHcVEwAwRHwCwGeHwNwVDeGw
8552 pairs trouble     abc-ef--i-k-mn-p--stu- JcFwTWVWHwFeEcCwGeMcLcPKcPLeVMeTKcCc
764        trouble     a--de--hi-k-mnop--s--- HcIwDcCwUEcEcCeXGeCwBwCwNcJwIwWFcKcEwNcHcUQ
4 beside   trouble     a-c-e-g-i-k--no--r-t-- PNeFwMeJcUDeNcAwDcAwEeIeLeRJeMwKcIwIwQMwSAw
8 beside   trouble     a-c-e-g-i-k-mn-----t-- HwFeAcGeAeIeCcJwTJcOUSMeMeDeUPFeOQAw
418        trouble     a---e---i-k-mn----stu- PWUKwCwXKeDcQKeCwVUHeTHeBeJeKeJw
412        trouble     ab--e---i-k--n-p-rstuv LeTLcWBeHeVRWSVUGcWVSFeGeIcOWVBwAeAwNwJwOVGc
1 beside   trouble     abcde-g-i-k--n-p---t-- LwFwBeSBeGwIeHwSODwPHeMcDwPIwNc
501        trouble     a-c-e---i-k-mnop-rst-- DeXTBcHwXJcCwRRFcJcFcXDeAwMcGwEcRQOW
656        trouble     a-cde---i-k-mn---rstu- McJwGcSTWIwKwHwSTRHePNeDeSJcUNeVDcODeQT
301        trouble     a-cde---i-k-mno---stu- EcPFcEwSHwMeWBcFwSNeJwNeHcWBeWVQLwGcR
76 beside  trouble     ab-def--i-k-mn---r-t-- FwJeIeGeQLeGwNwJwCeJwIeRLeAcDwLcHePQTUT
734        trouble     a-c-e-g-i-k--nop-rst-- WMeHeWKcWMeCwPGcDeMcPDcAeBcRTIeSKeEeJc
78         trouble     a--de--hi-k-mnop-rstu- SAcXSEeKwNwDeTQPVUNeCeEeDcJcORSOW
572        trouble     ab-de---ijklmn-p--st-- JwWKwSSIwPQGwKeCeBePCwNeIeJeBeLwQ
33         trouble     a-c-e---i-k--nop--st-- BeMcXDeIcEeQDcOWXIwHeAwOCcOTPHwW
45 beside  trouble     abc-e-g-i-k-mno--r-t-- XVCeGcGwLwRKeRULwFwLcLcJeEcMcCwFeOS
48         trouble     abc-e-g-i-k-mnop--stu- PXCwMcLwSCwBeKcGcTAeEwVJwAwQRKcPDc
385        storeLoss   a---e---i-k----pq-stu- XPVXPVXPVXYPZXYPVXPVXPVXPV
161        trouble     a-cde-g-i-k-mnop-rstu- XXSWFcOMcRVKwIwPNcEwFeDeJwBeDwWQ
226        trouble     abcde--hi-kl-no---st-- SDeGwMwEeTNwNwLcXOGcNeDcQNcSLeIwS
393        trouble     a--de--hi-k-mnop-rst-- TKwJwPQDcRNwCcPHwWEcGeJeXXKwWEeR
737        trouble     a---e---i-k--no--rst-- PEwROHwDcWBwKcMcGwXAwAcQGc
448        trouble     ab--e---i-k--nop-rstu- XEwQIcRAeWPVWAwUAeIeHwBcAcDeDcKeHcLwBw
88         trouble     a-cde--hi-k--n---rs--- KwNwQWUFwBeBcFeUWRGeAcRIwXWDwWBcMeR
585        storeLoss   a---e---i-k----pq-stu- XPVXPVXPVXPVXPVXYPVXPVXPZ
545        storeLoss   a---e---i-k----p--stu- XYPZXPVXPVXYPVXYPVXPVXYPVXPV
32 beside  trouble     ab-def--i-k-mn-----t-- IcUNeJcLwFeLeOMeNeJcFeDeAeGwXFeIe
695        storeOutage a---e---i-k----p--stu- XQVPXQVPXQVPXQVPXQVP
175        storeOutage a---e---i-k----p--st-- XQPXQPXQPXQPXQP
375        storeOutage a---e---i-k----p--stu- XQVPXQVPXQPXQVPXQP
533        trouble     a-c-e-g-i-k--no--rs--- RGwMcEeWVSAcMeGwDwGwUEwKcAcCeBcKeSQCe
10         stillness   a-------i-k-------s--- 
183        trouble     a---e---i-klmno-q-stu- WHcWJcWOAeAwKwCwAwAcXDeEeFcWVDeTNeOX
`
  .trim()
  .split('\n')
  .map((row) => row.slice(0, 11).trim())

/** With edges that lie: every two lies at once. */
export const LYING = ['44 lying', '216 lying', '190 lying', '233 lying', '236 lying', '8 lying', '123 lying', '6 lying']
