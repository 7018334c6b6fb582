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

export const CHOSEN = [
  `
144 beside trouble     a---e---i-k--n-p-r-tu- VDeGwPQSOUQSDcDcRSVBwQLwTLwBeXAwDw
2062 whole trouble     a-cde-gh--k--n-p---tu- WKePAwVMwVNcMeOBwBcUSFwLwAeFeKeU
4462 whole trouble     ab-de--hi-kl-n-p--st-- NcAePTIcUWCcXDwLwAeLeVKcFeUBcCcAcWWDwU
5976 whole trouble     a--de---i-kl-n-p--s--- PDeNcVDwUIcWVIwJcGwUTHcQXTCeFcJc
8552 pairs trouble     abcde-g-i-k--nop-rst-- DeOQMwTNcLwRCcFcHeLwXFcSGwMcPBwDwMwLeGwEcHeFe
421        trouble     abcde---i-k-mnop-rst-- NcNeMeLwKeNwWEeRNcKwFcPUJeKeJeEcCeIwCwIcO
54 beside  trouble     a--de---i-k-mnop---tu- DeNcXOEwMcFcEeGwKcKcSBcSJwHeCcMeUJeEeOJeVSIcS
74 beside  trouble     a---e---i-k--nop-r-tuv STQEwAwAcQVOXGeMcSQRHcQVCeAwRQIeHeHcCw
242        trouble     ab--e---i-k-mn-p-r-t-- AeDeNeKwHwJwTTSXRRXMeJcIwRPWJcXIcLwXDe
781        trouble     a-cde---i-k--no--rstu- IwKwGwGcFeDcCeNeCcFeEwNwVHwTLwMwVWVEwSKwSURR
413        trouble     a-c-e-g-i-k--n-p--st-- HeODwODwNwWFwLwXBeMcMeCwSGcWOHcPDcQ
317        trouble     ab--ef--ijk--n-p-r-t-- BeWRODeTRTCwPSCcTLcXLwHwIcDeNcQBcKc
49 beside  trouble     a---e---i-k--no--r-t-- XDeEeIeOFeQTKcXHwTQAcXEcQGwHwRCe
22 beside  trouble     abc-ef--i-k--n-p--st-- AwHeKcLeIcLcOKcUCwVQUPKeAcMwHcXDcBeHcSV
9 beside   trouble     a-c-e---i-k-mn-p-rstu- XFeRGeDwQVMeBcIcTOGwAwVQMeJeMeFcMcR
126        trouble     ab-def--i-k--nop---t-- WSAeNeFcEcEwLcGwWULcOBeFeWNcQKwFwVHwWGeBc
41         trouble     ab-def-hi-k-mnop---tu- PNcOEcUNcCeQVWEeGcJwLwPGeNcIeOBwDeWKeOEw
58 beside  trouble     a--de--hi-k-mnop-r-t-- QGwEwTJcTJeNcBeAwNeUJcRHeAwOGcSXP
458        trouble     a-c-e-g-i-k-mn-p---tu- OKeIeGcHeUBcXOLeHcJeHcCcDwFeVMeHe
432        trouble     a---e---i-k-mnop-r-t-- JwSEwBwWBeTGeFcPRIcQOHeRIeRIeDeXONc
49         trouble     a--de---i-k-mnop---t-- BeNwDcGwTDwFwEwEwDeMwGwDwCwGwWXDcGcJwOBcAw
262        trouble     a---e---i-k--nop---t-- PTKcTCwWTCcFcIeWCwFeCwOEwAeJeCcWDeDw
117        trouble     a--de---i-k-mn-p-r---- CwRQQFeAeWAeBcXHcNwNwWCcKcGwJeUKeGe
401        trouble     ab-def-hi-k-mn-p-r-tu- AeIeHcSNcWJcBwDcDwBcWLeUXVJwAeKcRGePULc
624        trouble     a-c-e-g-i-k--nop---t-- BcVDwMcCcDcEwHeXUKwMeDcDeUAeOS
57         trouble     a-c-e-g-i-k--n-p-rst-- SDwPNwPXSMeWPFeRRPMwEeXKe
582        trouble     a-cde-g-i-kl-nop-r-tu- VNeIwEcNeIeKeEcRHwUBeEcXCwEeBcDcFcIeNeMcDwVEwW
309        trouble     a-c-e-g-i-k-mn-p-r-t-- JcJwQNcWROHeCeMcIeIcFwOBeWMwMeBeAeAe
145        storeLoss   a---e-----k----pq--tu- XPVXYPZXPVXYPVXYPVXYPVXYPVXPV
708        trouble     ab--ef--i-k-mno----tu- EeXEwLwDeFeXPWDcVWJwGwBeNcBeWLeSJeDcP
48 beside  trouble     abcdefghi-k--n---r-t-- VDeAwRIcBwPUURCcMwLcPUHcUNcKwQ
64 beside  trouble     abc-e-g-i-k--no---stu- OVHeNeMcNeUOHcTAeMwSHeEeLePLwDeQGc
36         trouble     abcde---ijk-mn-p-r---- UMeRDwXWMeWWFcFcJwKeSNcSVLeAcIeIcCe
644        trouble     ab-de---ijk-mnop-r-t-- SDcDcHcEwUOBwGwLwAcLcCeNeAcJwJcRLwEcW
405        storeLoss   a-------i-k----pq--tu- XYPVXPVXPVXPVXPVXPVXYPVXPV
68 beside  trouble     ab-def--i-k-m--p-rstu- XVXRGcFeNeLcHcPIwKwPLcVPQUKcTRRJc
65         storeLoss   a---e-----k----pq--tu- XPVXYPVXPVXYPZXPVXYPVXYPVXYPV
258        trouble     a-cde---i-k--n-----tu- DeFeMcTVNwSTDcKcCeDeCcWDwHcVCwXVU
641        trouble     ab--e---i-k-mn-p--stu- LcIeAeCeCcDcNcGeWJcVUUBwDwFeQDeUKeHwGcNe
35         storeOutage a---e---i-k----p--stu- XQPXQVPXQPXQVPXQP
355        storeOutage a---e---i-k----p--st-- XQVPXQPXQVPXQPXQP
795        storeOutage a---e---i-k----p--stu- XQVPXQVPXQVPXQPXQP
10         stillness   a-------i-k----p--s--- 
767        trouble     a-c-e---i-k--nop---tu- TSMcVAeFwGeDwAcXMeUEcDcNwAwUVKcO
327        trouble     a---e---i-k-mn-p-r-tu- GcWWVRKwDwDwOFeWFeJeGeKcTIwJcHcWX
283        trouble     a-cde-g-i-k--n---r-tu- CeCcWTNwDcRDeWMwPVPQCeTDcKwKe
497        trouble     ab-def--i-k-mnop-rst-- RBwQGeQPGcMcBcNwFwCwLwORSJeDeIeWEcAwJwT
598        trouble     a-cde-g-i-k--nop-r---- EwXNwDeGwUKcNeGcTMwEwUWIwGwAcHcRHeCwAeHeFcBwHe
2 beside   trouble     a---e---i-k-mn----stu- IeQVIcFcJcBcBcKwMcPHeTUAeFwSPFwVJeAcUMcFw
388        trouble     a---e---i-k--no------- WDeCeLeFeJeEeKeFeAwIwCeBeEwHcAwUDeQJcTHc
534        trouble     a-c-e-g-i-k-mn-p-rst-v FwVWDeUOVOWTFcRGwWDcOMeJeMeCeR
202        trouble     abcde--hi-kl-n-pqrstu- NeONeDcVBwNwHwTIeRVBeRWMcLeIcWKcSTS
617        trouble     ab--e---ijk-mnop---tu- LwXBwTJwCeXTCcBwEwCwSWWDcBeVLcIcBcBeAeCeO
76         trouble     ab-def--i-k--n-p-r-t-- OGwCeNwKcHwAwHwDwGeAwPTLeRLwNwDeIwXOWDw
304        trouble     a---e---i-k--n-p---t-- CcHeWKcPOCwBcTNwPTQKcULeSHcVMcHeUPKeBc
512        trouble     a--de--hi-k-mn-p---tu- XAePGcWIwTNcAcIeGcUCcQLcHcAeXVJwJeGcO
13 beside  trouble     a--de---i-k-mnop-r-t-- BcUGwEeFcKwUKwNeJeFwOAwQDeRDcSUHeJwHw
197        trouble     abc-e---i-k--n-------- DwSQUIeDwFcAwDcNcXGcLeMwVGwLcKeGcXNcWSKcWGe
398        trouble     a---e---i-k--nop-r-t-- VJwCwKwEeBwIwPHcPKcRCeOUWW
522        trouble     abc-e-g---k--nop-r-t-- WMwAwAwXTWHwOLwWMeOHwEeRLwWEeEeGeW
`,
  `
270 beside trouble     abcde--hi-k--n-p-r-t-- KwPFwRLwNeAeRHwTAeGcTCcGwMwDcVRLe
4301 whole trouble     a---e---i-k--n-pqr-tu- WBcORWWVKeHwBcCwCeONeVWDwKcQAcQCe
5698 whole trouble     abc-efg-ijk--n-p-r-t-- MeMcDeBwRLcROFcHcDcLeMwAcGwQW
7674 whole trouble     a-c-e---i-k--n-p-r---- IcAcUSAwWAwKwIwTFcDcBwGcWRBwWIeVDwMe
514        trouble     a-cde--h--k-mnop-r-t-- VUHeQFeGeOUJeNeFcEcAeXRXCcNcNcHeMePURDe
53 beside  trouble     a-c-e-g-i-k-mnop---t-- OLeKeCeOEeGeGwIeCwEwFcLwBwMwJcBcPLwFwPBc
21 beside  trouble     a--de--hi-k-mno---s--- IeNeKwDcFwIwKwHcEwCeNwXTBeKwCwKcPGcJcVDwDwU
37         trouble     ab--e---i-klmnop--st-- TDeVWEcKeSMeNeQJwLwIwEeEeUWXQ
324        trouble     abc-e---i-k-mnop-r-t-- RBcSUMeCeAcFwOWEeIeHcLcGcWWJwLeX
65 beside  trouble     abc-ef--i-k-mn--qrstu- LcRAcMeAeXVHeSIeCcAeHwRAwJeSDwRLeCwUJwLeDcDw
318        trouble     a---e---i-k-mnop--stu- QBwVSVJcFwAeBcKcJcBwTIeOTDeEwPQIwIwAe
506        trouble     a-c-e---i-k-mnop-r-tu- KwWKwOQUIeQGeDwSTSPWVXREeGeTMwFwOJwEc
53         trouble     a---e-----k--nop-r---- XTUVBcCcSSWXKcFcSGwEcRDcJcGwEeRAeNeEwFe
149        trouble     ab--e---i-k-mn-p--st-- OOBwXIeDcGeAwUJeLwBcWAeTBcJcQCcAcBc
296        trouble     abc-e-g-i-k--nop------ KwBeXEeMcVEcMwWWHwIeKeBeLwDwQEwDcHw
4 beside   trouble     a-cde-g-i-k--n-p---t-- PMwCcTCeNeBeMcOTLeFcMwMwIwQTTDcNcIwCwCe
538        trouble     ab--ef--i-k--n-p-r-tu- RVVVTWBcFcCwDwAwLePRHwUKwEeUS
301        trouble     ab-de-----k-mnop-rst-- RFeTAcJwHwXEwPLeNeWGwSBeLcJeLwJe
76 beside  trouble     abcde-g-i-k-mn---r-t-- McJcRQQIeKwGcFcAcDwVNeLcVDwXJcKeNeBeKc
20 beside  trouble     a--de--hi-k--n-p-r-tu- FcQSIeXGeNwODcHwHwBeXUPRRVHeDc
334        trouble     ab-de--hi-k--nop-r-t-- BwBwWDwPWLwHwTQXWHwWNeEeEeRPIcDwTIwKeW
29 beside  trouble     a-c-e-g-i-k--nop---tu- GwSDeUOIcPHwSMcGwEcXQTSMeV
686        trouble     abcde--hi-k-mn-p-r---- AcBeLcUQNcSNwIeRSQVPJwAwUQSMcFcURNc
228        trouble     a-c-e---i-k--nop---tu- WIwFwFwMwHcIwAcDeEeMcXKwDeVGcPVO
517        trouble     a-cde---i-k-mnop-rst-- XTAcXKeSNwGcVRIcUQJcOEcBeOCwDcFcXMwDe
416        trouble     a--de---i-k-mn-p---tu- OUDeGeTCcTPGwNcUPVXDwKwIeCeIwCeVXJcAe
28 beside  trouble     a-cde-g-i-k-mnop-rst-v PMcDcURVNwJcCeGcHeOEwUUFeXMwFeBwHcNe
397        trouble     ab--e---ijk----p-r-tu- OMwSQHcQRHeXXLcQFcVSLeHcIeXOHeS
249        trouble     ab-de---i-k--n-p-rst-- FeNeIcMcLcSRLcCeDwQDeIeULwBeMwHwNeHcNc
592        trouble     ab--ef--i-k-mnop---t-- TWXHeJwWGwAcTFwFwIwJcKeEeGwAeLwOLwT
361        trouble     abc-e---i-k--nop-r-t-- CePREcDwWUVQBwXMwDeKeUWTRLwUS
25         storeLoss   a---e---i-k----pq--tu- XPVXPVXYPZXPVXYPZXPVXYPVXPV
618        trouble     abc-e-g-ijk-mn-p---tu- LwIwMwTHeJwQOLcHcOVAwCcDcKwCeJeGw
738        trouble     ab-de---i-k--n-p--stu- UVLcVNeWPVPGeBcBwGwIeQLeXHwNc
556        trouble     a-c-e---i-k--n-p-r-t-- QCcLcNcBeHeFwXAcAeTDeAeRXWFcWJeMc
16         trouble     a--de--hi-k--n-p---t-- HcUAwBcJeUBeGwSKwGcNcOXDeWKe
268        trouble     a---e---i-k--nop---t-- PDcSGwDwCwAcAePKwWDwUWUWCwEcFwPEeX
285        storeLoss   a---------k----pq--tu- XPVXPVXPVXPVXYPVXYPVXPVXPV
125        storeLoss   a---e---i-k----pq--tu- XPVXYPVXYPVXPVXPVXYPZXPVXPV
606        trouble     a--de---i-klmnop---t-- SOIcDcIeHwDcUAeNcXDcEwJwSHwOEw
201        trouble     ab--e---ijk--n-p-r-tu- KcPHwTDcDeDwVIwKcRXJwDeKcCcGwDwWLcPIc
529        trouble     a-cde-ghi-k-mnop-r---- QQHeJcMeUJcMcBwCwWRIwKcMwEeHcNeXIwAcDcGw
215        storeOutage a---e---i-k----p--stu- XQPXQPXQPXQVPXQVP
475        storeOutage a---e---i-k--------tu- XQVPXQPXQVPXQVPXQVP
195        storeOutage a---e---i-k--------tu- XQVPXQVPXQVPXQVPXQP
20         stillness   a-------i-k----p--s--- 
23         trouble     a-c-e-g-i-k--no--rs--- MeEwMwBwQPMeUQVWXAwDeRTLwCcQ
579        trouble     ab-de---i-k-mno---st-- LeKcTJcIcKeAcQXKwDeTWHwDeXEeAeUEeHeNcNc
487        trouble     ab--e-g-i-k-mn-p-rstu- DcJwVMwQKeDcVRSDcLeXRDcKeRSUGwVAwSOTLc
698        trouble     a--de---i-k--nop-r-tu- CcGwOTKeHcRIcUFcXQDwUNeSCeVXDcXFwLeEwFeGeCe
66 beside  trouble     abc-efg-i-k--no---stu- LwPCwQHcFwEeHcTBeKwOQCeTDwBcPMeAcHcKeMeVQDeJwX
776        trouble     a--de--hi-k--n-p-rs--- WIwNwWGwRVNeUFeBcGeQDcQFwDcNwRAcGcBeKeEe
658        trouble     ab-de--hi-k-mnopq-stu- OWJwVNcNwTGeCcEcEcPIwBeDwAcWPJwULcEcNeIcJc
292        trouble     abc-efg-i-k--n-p-r-t-- WIeQQXORFcFeWSTLcXGwWHwFcWMwHwLwCcW
284        trouble     abcde-g-i-k--nop-r---- BcDeCeUGcXPKeIwLcKeFcRWHcAwEeUSIeMcAcDcNcNeNe
474        trouble     a-cde-g-i-k-mn---r---- JcJcBwKeAwSJeMwRDeXHeQDcWJcCcTBcTNwWQ
54         trouble     abcde-g-i-k--nop-r-tu- DePXFwVMwNcPRPVKcDeLwVHcNcCcCeMcNeOEw
314        trouble     abc-e---i-k-mnop-rs--- CwKeHcGwRLcMcMcLeLeEcIcJcIeDeEcMwJeIwNcTLc
446        trouble     ab--e---i-k--nop-rst-v QSUHeHwSCeSHcRCwEcSOMeLeFwOVXRCeLcTBe
761        trouble     a--de--hi-k-mn-p-r-t-- QIcSDeXAcFcURQSGeJwIwOBeIcFcIcONeNcNcPNw
`,
].map((list) =>
  list
    .trim()
    .split('\n')
    .map((row) => row.slice(0, 11).trim()),
)

/** With edges that lie: every two lies at once. */
export const LYING = ['17 lying', '62 lying', '37 lying', '42 lying', '245 lying', '69 lying', '182 lying', '3 lying']
