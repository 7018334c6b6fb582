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
144 beside trouble     a---e---i-k-mno--r-t-- VDeGwPQSDcDwHePRLcAwEwGeGwJwVX
2062 whole trouble     a-c-e---i-k-mn-p-r---- WKeURGwJeLeTMeCwUIcTWPXAwMeBwSKw
4462 whole trouble     a--de---i-k--n-p-rstu- NcUHwWWDeGwSAwVRBwTHcOLwXUDcDe
5976 whole trouble     a--de---i-k--nop-rst-- PDeNcAwVSKcPCeSDeWSQOEwRFc
8552 pairs trouble     a--de---i-kl-n-p-rstu- DeOQMwSQVDwNcTRKwSKwCcCwDeAeNwCeDwDw
424        trouble     ab-de---i-k-mn---r-tu- LwGeKwXHwJcUDeMeHwIwNeXROQNeMeUNcUCwVWDeVXBwNeLc
80 beside  trouble     a--de--hi-k-mn-pqrstu- PVTJwIwJwNwQRTLeLcCwLcNwBcUPJwFeNcVCeR
89         trouble     a-c-e-g-i-k--nop-r-t-- IeBeIcEwIwIwAwQTGeMcIcTSXRXUDcCwXMwKwO
53         trouble     abc-ef--i-k-mnop-r---- XTUREcWTAeLcHwFeLcJcMwXLcPFwIeHwMwFeJwKcDc
613        trouble     abc-efg-i-k-mnop-r-t-- BwGwMeMwDeRMcVGcKeVHcLcPSHcEeRSBeHwJwAwPCe
45 beside  trouble     abcde--hijk--no--r-t-- MwAeLcRIcUCeUBwQQJcFwCwDcEwQXNeEePEeR
202        trouble     a-cde--hi-k-mnop-rstu- NeJeNeRNcHeGcDcJcGeWFeEcHcWCeXFwVVMw
33 beside  trouble     abcde-g-i-k--nop--stuv QBcPSQNeLcLeMwOKcDeEcLeVQIwUVAeLcLeHcQDe
334        trouble     ab--e---i-k--n-p---t-- BwBwWSSLeDcFcAcKwCcQHcKeIwDcGeFcOBcT
149        trouble     ab--e---i-k-mn-p--st-- OOBwXIeDcGeAwUJeLwPWOFwWWCeCcAcIcGe
633        trouble     ab-def--i-k-mnop--s--- SLwIePPWHeUHeXCeGwXNcJeEeFwJeKc
56         trouble     a-c-e---i-k--n-p---t-- KwJwKwHwSFeCeGwTWTEcLeMeMeQHcFwOFwDeNe
481        trouble     abcde---i-k-mn-p---tu- GwNcMcWPEcJeDeONwFwAwLcPCcWVUUJwBcAwOGwHcBe
258        trouble     a-c-e---i-k--nop---t-- DeFeMcEeSKeAcPEeCwKcMeIwFcTBwOKcCcDcIeRKeOU
649        trouble     a---e---i-k-mnop--st-- OEwAcDcFeJwPBcGwWCwDcCeJcCeJwSBeVHw
697        trouble     abcde-ghi-k--nop-rstu- XQRAcVNeGwCeMwFwSCeRLePEeMwCcBcJc
132        trouble     ab--e---i-k--nop-r-tu- XUDeRKwTUVDwTLcWEwBwFcAwAwKwIeBc
228        trouble     abcde--hi-k-mn-p---t-- WIwFwDcIeQKcFwLwGeAcDwWXMcJeHwNwTSNeSCcO
516        trouble     a-c-e-g-i-k--no----t-- QCwHwUMcPQDcUUAcPGeEeGwTHwKwPWW
74 beside  trouble     abcde---i-k--nop-r-t-- SIwTUFcNcBcMwDeTVUEeRUFcOUSLe
622        trouble     a--de--hi-k-mn-p-rs--- HeWXAcXBcXXRFcXHcXDeJwFwWXWWNwKwGw
553        trouble     abc-e-g-i-k--nop---t-- VFcLwTIeMwAwSDcIwOCwPAeSEeXFeIcEc
9 beside   trouble     a-c-e-g-i-k--no--rstu- XFeRGeDwQVMeGeBeLwMcGwEcDcSTUEeGwFw
469        trouble     abc-e-g-i-k-mn-p-r-t-- VLcDcWDcDwBwSFeMwTVPTRQWQUKeJwWVWJwTDw
218        trouble     a-c-e-g-i-k-mn-p-rstuv PHcVMcOVVIcXBeXQROCeVDeJwFwKwR
552        trouble     ab--ef--i-k-mn-p-r-t-- BeHeTIwLcQSDwIwROWXTSMwGeJwHc
145        storeLoss   a---e-----k----pq--tu- XPVXYPZXPVXYPVXYPVXYPVXYPVXPV
624        trouble     a---e---i-k--nop-r-t-- BcVDwMcHwCcEcOAwXWAeGeRSRKeQDeFeMw
374        trouble     a--de--hi-k-mnop-r-tu- DcPVNeOJeGcEcGwQSJcBeRDeTKwAeW
748        trouble     ab-de---i-k--nop---tu- IwPVKcOUIcSPSUONwBeQEeKwWLwTBc
48         trouble     a--de--hi-kl-nop------ WKcNeIeSAeTDeXAeAcHcLeEeXNcAw
405        storeLoss   a---e---i-k----pq--tu- XYPVXPVXPVXPVXPVXPVXYPVXPZ
245        storeLoss   a---------k----pq-stu- XPVXPVXYPVXPVXPVXPVXPVXPV
494        trouble     a-cde-ghi-k--n-p-r-t-- MePVOWXIcBwDwCcAcMeWWNeOFeQIwRHw
35         storeOutage a---e---i-k----p--stu- XQPXQVPXQPXQVPXQP
355        storeOutage a---e---i-k----p--st-- XQVPXQPXQVPXQPXQP
795        storeOutage a---e---i-k----p--stu- XQVPXQVPXQVPXQPXQP
10         stillness   a-------i-k----p--s--- 
743        trouble     a-c-e-g-i-k--n---r-t-- DeBcBcUWDcBcKcAwKwGeCwWPRRMwKeQRQTCwQ
747        trouble     a-c-e-g-i-k--n-p-r-t-- IwUOWSVSXXGwCwXDeMcRCcJwUBeS
787        trouble     abc-e-g-i-k--nop---t-- XPXFeXDeWBwLcLwUBePKeEwODeJcCcKeAcMwHwUVXVO
337        trouble     abc-efg-ijk--nop-r-t-- RDeHeMeVRTRSLeKeEcGcQOBeLwMwBeGwTIeDeAwQQ
62 beside  trouble     a--de---i-k--no--rstu- GeUCeDwTHwLwNeFcVHePAeGcUHeMeQEeAwRIwVEeRBw
309        trouble     a--de--hi-k-mno--r---- JcJwQNcKeDcREeXNeGeUEwQHwDwCwEwWJwTFwJcLc
406        trouble     a-c-e---i-k-mn-p-r-tu- BcNcQVMwTKcDwRIeWUBcDcXCeCeJeNeAwBeOXQFwNwR
30 beside  trouble     abc-efg-ijk-mn---rst-- DcKwPBcKeQMwPIcDwBeEeJeRLcAcJeQXSBcIcHcSSIc
517        trouble     ab--ef--i-k-mnop-rs--- XTAcXWNcKcWKcXCwXUJeAeGwSXEeREeVLeP
28 beside  trouble     abc-e---i-k-mnop-r-t-- PMcJcSJeGcDwGwQJcUIeULwCcFeEwIcRJcJwLwKeHcHeMw
413        trouble     abc-e-g-i-k--n-p--st-- HeODwODwNwLcHwUFwWKeDeXBcDeUWMwCwDeQGcP
118        trouble     abcde-gh--k-mnop---t-- TNwHeCcPSLwSAeAcAeEcKeBwSQXDcJcVMwAwBcOAw
701        trouble     a--de---i-k--nopqr-tu- VJeQGcTOHeRXFcDwFeVDeJcNcEeIeFeKeFc
556        trouble     a-c-e-g-i-kl-no--r-tu- QCcLcVXMeCcHcDeWEcPVEcPRMeXXNeDwGwWKeEeHcMcBcDe
62         trouble     a-cde--hi-k--nop-rst-v MwNwOBeBwVGwAwWPFcDeDeRDeOXNeEeLeCwGe
226        trouble     abcdefg-i-kl-n-p---t-- WCwMeKcTMwAwLeTGcWFcWVNcLeIcOCwR
64         trouble     ab--ef--i-k--n-----t-- QFwUHcIeJcSFcQSTPKcTVULeAcPPHeCw
`,
  `
270 beside trouble     ab--e---i-k--n-p-r-t-- KwPFwRLwDwTRJePAwXQXPMe
4301 whole trouble     abcde---ijk--nop---t-- WWLcIcDeWUXWBeOTWSWNcEwMcMcEeQ
5698 whole trouble     a-c-e---i-k-mn-p-r-t-- MeDcIcPXBwDcQRDcFwCwJcKwCcVPSHeKwBeHwT
7674 whole trouble     a--de---i-k-mno--r-t-- IcAcUJcVSROQCeIwCeQUCwJeGcNcUSEwGcNcDe
128        trouble     abcdefgh--k-mnop---tu- LcJcLeAwAcOVCeMwHeCwEcNcFwNcOLcMwJeHeVLwQQCe
2 beside   trouble     a---e---i-k-mno----tu- IeQVIcFcJcBcBcKwMcAeHcHeVVAwDeNeGcEcEc
501        trouble     a-cde---i-kl-n-p--st-- PQNeBcDwIcMeEcTPHwWFcSHeNwKeFcDwAcWBcAeDwKcAcGeU
152        trouble     abc-ef--ijk--n---r-t-- XIeHwTMwBcLcGcQWOURBcHeCwIcKeDcKcRMc
181        trouble     a---e---i-k-mnop-r-t-- TJwHeJwGcMcDcFeJeXDeAwAwRFcWPTHwWBePEwP
741        trouble     ab-def--i-k--n-p-r-t-- IwNcRCcAeBcWIeCwPLcAcLcMcOTDcDcDcOGeNcR
502        trouble     a---e---i-k--nop---t-- AwEwHcWDcCwWGwKwSKeIeCwHcDwTEwOAeIwDwSHc
708        trouble     abc-ef--i-k-mnop-r-t-- EeXEwLwEeUHwQUMeUVJwBeORKcIwCeO
77         trouble     abcde-g-i-k----p-r-tu- HcSFeXMeORLeRVGcNcGeWVHcFcXUKeKcLw
388        trouble     a--de---i-k--nop------ WDeFwFeNcEeCcDeFeKeEeJcQTVEeXTFwKcTTS
569        trouble     abc-efg-ijk--n-p---t-- UMcPCeIeIeOULeLwKeQVFwQWKcLeAcIe
414        trouble     ab-def--i-k--no----t-- DwAeWWLwAeLeCeGcTBeSDwNeEeQKwNwAeNeQBeKeP
241        trouble     ab-de--hi-k--nop-r-t-- OUUSSPFeIeNcGwPHeQEwLcRNwXNwGcSO
729        trouble     a-c-e-g-i-k--nop-r-t-- TEcCwAeXKwFeVDeMwOKeOWWWGeRDwTS
564        trouble     ab-de---i-k-mnop---tu- HePVJcEcGwDeOLcHwQAeJeNcBeBcEwJeMcLcXPIc
382        trouble     a---e---i-k--n-p---tu- QGwFwDcBcHcFeGeFeQWWMeBwUVO
366        trouble     a---e---i-k--nop--st-- CeIwAeDcUIwLwBcOUPDeKeUFeDeEwQSKeHc
162        trouble     ab--e---i-k-mn-p-r-t-- AwIcHeQHeDeGcXRWLcGePBwSJwWPGe
753        trouble     abc-e-g-i-k--nop-r-tu- AcPAeQWLeCcPMcEcXQVFwMeDcGcIwRGwVGeTGcLwCe
172        trouble     abcde--h--k-mnop-r-t-- NcJwHcOFeLwRWHeMeRUNeAeQTUJeDwEc
117        trouble     a---e---i-k--n---rst-v CwRQQFeAeWGcAeJcDeEcQOVKcVWVVWWGcUS
262        trouble     ab-de--hi-klmnop---tu- PTOTIwDcSCeEwBeNeNwEwQJePTNeIeVLeX
477        trouble     a-c-e---i-k--nop-rst-- QRUFcWHeEeAcGcMwIwSQTXFeEwDc
543        trouble     abc-e---i-k-mn-p---tu- OUGcWHcAwFePHwDwLcIwMeWWVCwBcSMcOJw
26         trouble     a-c-e---i-k-mnop------ WMwBeQHeAwSBeVIcTJwQRCcGwEcEwBwWFw
56 beside  trouble     ab-de--hi-k-mno--r---- JwDwFeLcJeIwMeRBwSXIeVNcEcDcEwDcLcFwJcBwMc
242        trouble     a-c-e---i-k--nop---tu- AeDeNeWTXUUPUEcDwVXMeHwKcFwKcBc
505        storeLoss   a---e---i-k----pq--tu- XPVXPVXPVXPVXYPZXPVXPVXPV
621        trouble     ab--ef--i-k--no--r-tu- XWWRDwLcPKcCeIwWHwGeSUAeGcBcJcCeOVEcS
26 beside  trouble     a-cde-ghi-k--nop-r-t-- AcRKeEwDwFeTAcNwUHeRFwVNwMeFeOS
52         trouble     ab-def-hi-k-mn-p-r-tu- RFcRLeNeHeJeHwCwDeDwRMeNcWLcRQAeRV
788        trouble     a--de---i-k-mn-p--st-- WOBwUNcTSGeDwVHwOXJwPKeQCcUKc
766        trouble     ab-de---i-k--no--r---- JeIwUAeCwNcRGcGeQVCwNeIwNeDeEcSIwLcSUQ
1          trouble     ab--ef--i-k-mno------- EeXCcGeSKcXDeLcDeEcCeWXJwWDcQXTWGc
14         trouble     a---e---i-k-mn-p-r-t-- WOIcJwUKwRVGwUJeBwSWDwHcPBeS
285        storeLoss   a---e-----k----pq--tu- XPVXPVXPVXPVXYPVXYPVXPVXPZ
665        storeLoss   a---e---i-k----pq--tu- XYPVXYPVXPVXPVXPVXYPZXPVXPV
342        trouble     abc-e-g-i-k-mnop--st-- XJwAcJcOMeFcTQAcKwCeAcDcJwXTSGwIeEeLwFc
215        storeOutage a---e---i-k----p--stu- XQPXQPXQPXQVPXQVP
475        storeOutage a---e---i-k--------tu- XQVPXQPXQVPXQVPXQVP
195        storeOutage a---e---i-k--------tu- XQVPXQVPXQVPXQVPXQP
20         stillness   a-------i-k----p--s--- 
371        trouble     ab-de---i-k--nop-r---- JwBeSTDeIwCwXEwFwAwQRFcNwLeNe
79 beside  trouble     a-c-e-g-i-k-mno----t-- QIeEeTIwMcGcEwDcUDePSJcGwJwQPFeQ
444        trouble     abc-ef--i-k-mn-p-r-t-- IcDwQMwHcRFcJcGwMeLeOSKwUWGwAwLeAwJeLcAeIeDc
194        trouble     abcde---i-k--nop--st-- DcPQAcFwBcMwEcKwXKeGwNwTKcXEeLcFeWRQWS
42 beside  trouble     a--de--hi-k-mnop-r---- UEeVVDwCcRUHwUXTJcBcRNcEwQDwQQXKeAeIeQIc
21 beside  trouble     a-cde-ghi-k-mnop--st-- IeNeFcMeSNcKeLcHeJwKwJcMeHcCwNwNePDwLeBeBcDcEwDeDcO
97         trouble     a-cde-ghi-k-mn-p--st-v FcDwKeNeGwCeDwGcJcWSUMeIeOWVBwOQUCwW
84         trouble     a-c-e-g-i-k--nop---t-- ODwMwKwDwMcFwIwSOEwIwLwEcEcSTODcMcGwQPW
248        trouble     a--de---i-klmnop-rst-- IwIcXJeXBeMePCeOJeNwAcRRIeEcXNwUIwUP
16 beside  trouble     a-c-e-g-i-k-mn-p-rstu- TCeTTPTMcBeORVSHcBcBcOJwPIwBe
728        trouble     ab--e---i-k-mn---r-t-- RKcTWRJwCwQDwDwWPMeJwGeKeGwKeSLcAeNe
68         trouble     abc-efg-i-k--nop-rst-- VUFwRRMcLcIwGcEcVMcOMcLwQGeLwLwUSIw
41 beside  trouble     ab--e---i-k--no--r---- SFeFcAwFeLwXREcEwXUBwDeCwAwLwGcFcUCwTS
349        trouble     a-c-e---i-k-mnop---t-- GcAcCwOCeUUMeIcCwBcVWWOWHwEcVHwJcDwKcOAwT
`,
].map((list) =>
  list
    .trim()
    .split('\n')
    .map((row) => row.slice(0, 11).trim()),
)

/** With edges that lie: every two lies at once. */
export const LYING = ['85 lying', '274 lying', '244 lying', '62 lying', '231 lying', '89 lying', '8 lying']
