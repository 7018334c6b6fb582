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
90206      trouble     a-c-e---i-k-mn-p-r-t-- GwDeJcDeWCwGeRDeUJeFcOBeRPMwFcPS
144 beside trouble     ab--e---i-k--n-----t-- VAwOCwDeUKeAwUNwPEwNwLcFwFeQOQMwLwAwKwGc
270 beside trouble     abcde--hi-k--no--r-t-- KwPFwRLwNeAeRHwTAeGcTCcGwMwDcVNcLcDcEeMe
2062 whole trouble     abc-e-g---k--n-p---tu- WKePAwVMwVHeOUHwSLwLwWDwU
4301 whole trouble     a-c-e---i-k--n-pqr-tu- WBcORWWVKeHwBcCwCeONeVWDwPDeTMeO
4462 whole trouble     a-cde-ghi-kl-nop-rst-- NcAePTIcUWCcXDwLwAeLeVRNcDeHcFeXMwWHwFcEcMwP
5698 whole trouble     abc-efg-ijk--n-p-r-t-- MeMcDeBwRLcROFcHcDcLeMwAcGwQW
5976 whole trouble     a--de---i-k-mnop--st-- PDeNcVFcNwOCcWJwDeKwHcGeSOEwT
7674 whole trouble     a-c-e---i-k--n-p-r-t-- IcAcUSAwWAwKwIwTFcDcBwGcWRPWMeDwFeAw
8552 pairs trouble     abcde-g-i-k--nop-rst-- DeOQMwTNcLwRCcFcHeLwXFcSGwMcPBwDwMwLeGwEcHeFe
546        trouble     ab--ef--i-k--nop-r-t-- PBwQKeIeSKeLcBwRHwQLeNcKeIwKwEwOKcOX
36 beside  trouble     abcde---i-k-mno--rstu- SVKwDwMwJwAcEwAeKcKcBwRAwVCeBeIcULwMcNeCcV
761        trouble     a--de--hi-k-mn-p-r-t-- QIcSDeXAcFcURQSGeJwIwOBeIcFcIcONeNcNcPNw
594        trouble     ab-def-hi-k-mnop-r-t-- JeGeJeEwCeRPDeDwWCeEeLeTTGcORJwTNcVUUW
77 beside  trouble     abcde---i-k--n---r-tu- IeVHeVSCcFeCcQNcLwPPGeDeTHcRMwGcNwDw
21         trouble     abcde--hi-k-mnop--st-- JeKeLwEcJwSQNeOGwUVGePAcXSBeQEwMcLeU
506        trouble     a-c-e---i-k-mnop-r-tu- KwWKwOQUIeQGeDwSTSPWVXREeGeTMwXIeJcWJc
794        trouble     abc-e-g-i-k-mnop---t-- DwDwIwCwMwKwFeHcAcPCwKwEcLeKcBeAwWDeJwUOJw
397        trouble     ab--e---ijk----p-r-tu- OMwSQHcQRHeXXLcQFcVSLeHcIeXOHeS
302        trouble     a--de---i-k-mnop-r-tu- EcRSKcQNwBeQXUVJeTBcIwUHcBcNwJc
742        trouble     abcde---i-k--no--r---- LcWRGwBwAeBwAwHwCcMwMwNcMwDwREwBeMcT
29 beside  trouble     a-c-e-g-i-k--nop---tu- GwSDeUOIcPHwSMcGwEcXQTSMeV
74 beside  trouble     a---e---i-k--nop-r-tuv STQEwAwAcQVOXGeMcSQRHcQVCeAwRQIeHeHcCw
148        trouble     abcdef--i-k-mnop---t-- EeWLwGwWWUNeXIcEwEwPTLcXKcDeKwJwSMeP
798        trouble     a-c-e---i-k--n-p-rs--- RJwGeFwWKcWBcSMcFcGeRFeWIeLeXWCcAeDc
517        trouble     a--de---i-k--n-p--stu- XTAcXKeSNwGcVHcPDcIcBcAeHwIeSVHwOMeGeKeDe
38         trouble     ab--e-----k--no-q--tu- EwVBeHeJwJcPQHeJwHeQXVLeDeJwDc
61 beside  trouble     ab-def----k-mno--rstu- XPRREeLeKcEwXTRKcSNcPJwVAwJwU
56 beside  trouble     ab--ef--i-k-mn-------- JwDwFeLcJeIwNwUGwSGwXSBeSSLcJcMcDwVQIeT
526        trouble     a-c-e-g-i-k--nop---tu- AcQBeWAwQWWDwVFcFcBwBcVEwMwOAcXMeQBe
356        trouble     a-c-e-g-i-k--nop-r-t-- BwSEwRAcVHwOHcWQJeWRMwHwKeCwVWMw
316        trouble     abc-e---i-k--nop-rst-- GcBwNwPQSKwMeRAwEcUTAeGeWUOLeKwAcFeMw
301        trouble     ab-de-----k-mnop-rst-- RFeTAcJwHwXEwPLeNeWGwSBeLcJeLwJe
418        trouble     a--de-----k-mn-p-rst-- WWXWRNcWTCePXJwOWDwAeCwDeKcPOCc
145        storeLoss   a---e-----k----pq--tu- XPVXYPZXPVXYPVXYPVXYPVXYPVXPV
348        trouble     ab-def--i-k-mnop--s--- NwUKwWJeCwDeGcGwSLwEwWKwJwNwLeS
198        trouble     abc-e---i-k-mnop--st-- ODeTWXUEcUIcDwCeTHeDwTFwOHeGwXDwMwLeJc
405        storeLoss   a-------i-k----pq--tu- XYPVXPVXPVXPVXPVXPVXYPVXPV
686        trouble     abcde-ghi-k-mn---r---- AcBeLcUQNcSNwIeRSQVPJwAwUQSMcLwTDeGc
65         storeLoss   a---e-----k----pq--tu- XPVXYPVXPVXYPZXPVXYPVXYPVXYPV
166        trouble     a-cde---i-k-mn-p-r-t-- UCwUDeHwKwNwJcHcWCcSFcKeRSLcMcDeDcBcO
214        trouble     ab--e---i-k--n-p---tu- WFeSWSFcCwDwQXDcNeJwVPTIcIeFeDeEwODwLcCw
33         trouble     a--de---i-k--nop---t-- DePNcEeAePDwUAwUUTBeFcXODeQRGw
35         storeOutage a---e---i-k----p--stu- XQPXQVPXQPXQVPXQP
355        storeOutage a---e---i-k----p--st-- XQVPXQPXQVPXQPXQP
795        storeOutage a---e---i-k----p--stu- XQVPXQVPXQVPXQPXQP
10         stillness   a-------i-k----p--s--- 
83         trouble     abc-e-g---k-mn-p---tu- McQSXKeWUKeCeVLeWXVTHeHwJc
99         trouble     ab-de--hi-k--nopq-st-- FcNeQSLwEcNcSFcVOSEwNwQWNcKcWVEw
151        trouble     ab-de---i-k--nop-r-t-- BwWFeNeWPIeLwUNcDwCcNcRDwFwEcFeDwRLwO
`
  .trim()
  .split('\n')
  .map((row) => row.slice(0, 11).trim())

/** With edges that lie: every two lies at once. */
export const LYING = ['70 lying', '284 lying', '201 lying', '241 lying', '39 lying', '48 lying', '61 lying', '5 lying']
