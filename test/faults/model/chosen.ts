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
144 beside trouble     a---e---i-k--n-p-r-tu- VDeGwPQSOUQSDcDcRSVBwQLwTLwBeXAwDw
270 beside trouble     abcde--hi-k--n-p-r-t-- KwPFwRLwNeAeRHwTAeGcTCcGwMwDcVRLe
2062 whole trouble     a-cde-gh--k--n-p---tu- WKePAwVMwVNcMeOBwBcUSFwLwAeFeKeU
4301 whole trouble     a---e---i-k--n-pqr-tu- WBcORWWVKeHwBcCwCeONeVWDwKcQAcQCe
4462 whole trouble     ab-de--hi-kl-n-p--st-- NcAePTIcUWCcXDwLwAeLeVKcFeUBcCcAcWWDwU
5698 whole trouble     abc-efg-ijk--n-p-r-t-- MeMcDeBwRLcROFcHcDcLeMwAcGwQW
5976 whole trouble     a--de---i-kl-n-p--s--- PDeNcVDwUIcWVIwJcGwUTHcQXTCeFcJc
7674 whole trouble     a-c-e---i-k--n-p-r---- IcAcUSAwWAwKwIwTFcDcBwGcWRBwWIeVDwMe
8552 pairs trouble     abcde-g-i-k--nop-rst-- DeOQMwTNcLwRCcFcHeLwXFcSGwMcPBwDwMwLeGwEcHeFe
54 beside  trouble     a--de---i-k-mnop---tu- DeNcXOEwMcFcEeGwKcKcSBcSJwHeCcMeUJeEeOJeVSIcS
242        trouble     ab--e---i-k-mn-p-r-t-- AeDeNeKwHwJwTTSXRRXMeJcIwRPWJcXIcLwXDe
421        trouble     abcde---i-k-mnop-rst-- NcNeMeLwKeNwWEeRNcKwFcPUJeKeJeEcCeIwCwIcO
74 beside  trouble     a---e---i-k--nop-r-tuv STQEwAwAcQVOXGeMcSQRHcQVCeAwRQIeHeHcCw
781        trouble     a-cde---i-k--no--rstu- IwKwGwGcFeDcCeNeCcFeEwNwVHwTLwMwVWVEwSKwSURR
126        trouble     ab-def--i-k--nop---t-- WSAeNeFcEcEwLcGwWULcOBeFeWNcQKwFwVHwWGeBc
22 beside  trouble     abc-ef--i-k--n-p--st-- AwHeKcLeIcLcOKcUCwVQUPKeAcMwHcXDcBeHcSV
317        trouble     ab--ef--ijk--n-p-r-t-- BeWRODeTRTCwPSCcTLcXLwHwIcDeNcQBcKc
9 beside   trouble     a-c-e---i-k-mn-p-rstu- XFeRGeDwQVMeBcIcTOGwAwVQMeJeMeFcMcR
49 beside  trouble     a---e---i-k--no--r-t-- XDeEeIeOFeQTKcXHwTQAcXEcQGwHwRCe
41         trouble     ab-def-hi-k-mnop---tu- PNcOEcUNcCeQVWEeGcJwLwPGeNcIeOBwDeWKeOEw
58 beside  trouble     a--de--hi-k-mnop-r-t-- QGwEwTJcTJeNcBeAwNeUJcRHeAwOGcSXP
582        trouble     a-cde-g-i-kl-nop-r-tu- VNeIwEcNeIeKeEcRHwUBeEcXCwEeBcDcFcIeNeMcDwVEwW
262        trouble     a---e---i-k--nop---t-- PTKcTCwWTCcFcIeWCwFeCwOEwAeJeCcWDeDw
413        trouble     a-c-e-g-i-k--n-p--st-- HeODwODwNwWFwLwXBeMcMeCwSGcWOHcPDcQ
401        trouble     ab-def-hi-k-mn-p-r-tu- AeIeHcSNcWJcBwDcDwBcWLeUXVJwAeKcRGePULc
432        trouble     a---e---i-k-mnop-r-t-- JwSEwBwWBeTGeFcPRIcQOHeRIeRIeDeXONc
624        trouble     a-c-e-g-i-k--nop---t-- BcVDwMcCcDcEwHeXUKwMeDcDeUAeOS
309        trouble     a-c-e-g-i-k-mn-p-r-t-- JcJwQNcWROHeCeMcIeIcFwOBeWMwMeBeAeAe
117        trouble     a--de---i-k-mn-p-r---- CwRQQFeAeWAeBcXHcNwNwWCcKcGwJeUKeGe
708        trouble     ab--ef--i-k-mno----tu- EeXEwLwDeFeXPWDcVWJwGwBeNcBeWLeSJeDcP
145        storeLoss   a---e-----k----pq--tu- XPVXYPZXPVXYPVXYPVXYPVXYPVXPV
197        trouble     abc-e---i-k--n-------- DwSQUIeDwFcAwDcNcXGcLeMwVGwLcKeGcXNcWSKcWGe
10         stillness   a-------i-k----p--s--- 
268        trouble     a---e---i-k--nop---t-- PDcSGwDwCwAcAePKwWDwUWUWCwEcFwPEeX
23         trouble     a-c-e-g-i-k--no--rs--- MeEwMwBwQPMeUQVWXAwDeRTLwCcQ
458        trouble     a-c-e-g-i-k-mn-p---tu- OKeIeGcHeUBcXOLeHcJeHcCcDwFeVMeHe
53         trouble     a---e-----k--nop-r---- XTUVBcCcSSWXKcFcSGwEcRDcJcGwEeRAeNeEwFe
327        trouble     a---e---i-k-mn-p-r-tu- GcWWVRKwDwDwOFeWFeJeGeKcTIwJcHcWX
405        storeLoss   a-------i-k----pq--tu- XYPVXPVXPVXPVXPVXPVXYPVXPV
65         storeLoss   a---e-----k----pq--tu- XPVXYPVXPVXYPZXPVXYPVXYPVXYPV
283        trouble     a-cde-g-i-k--n---r-tu- CeCcWTNwDcRDeWMwPVPQCeTDcKwKe
644        trouble     ab-de---ijk-mnop-r-t-- SDcDcHcEwUOBwGwLwAcLcCeNeAcJwJcRLwEcW
658        trouble     ab-de--hi-k-mnopq-stu- OWJwVNcNwTGeCcEcEcPIwBeDwAcWPJwULcEcNeIcJc
397        trouble     ab--e---ijk----p-r-tu- OMwSQHcQRHeXXLcQFcVSLeHcIeXOHeS
606        trouble     a--de---i-klmnop---t-- SOIcDcIeHwDcUAeNcXDcEwJwSHwOEw
538        trouble     ab--ef--i-k--n-p-r-tu- RVVVTWBcFcCwDwAwLePRHwUKwEeUS
35         storeOutage a---e---i-k----p--stu- XQPXQVPXQPXQVPXQP
795        storeOutage a---e---i-k----p--stu- XQVPXQVPXQVPXQPXQP
355        storeOutage a---e---i-k----p--st-- XQVPXQPXQVPXQPXQP
`
  .trim()
  .split('\n')
  .map((row) => row.slice(0, 11).trim())

/** With edges that lie: every two lies at once. */
export const LYING = ['17 lying', '62 lying', '37 lying', '42 lying', '245 lying', '69 lying', '182 lying', '3 lying']
