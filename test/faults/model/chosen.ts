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
2 beside   trouble     a---e---i-k-mno----t-- IeQVIcFcJcBcTDcOUQKcAeKcVKwCeEePOGcPKcSU
89         trouble     a-c-e-g-i-k--nop-r-t-- IeBeIcEwIwIwAwQTGeMcIcTSXRXUDcCwXMwKwO
80 beside  trouble     a--de--hi-k-mn-pqrstu- PVTJwIwJwNwQRTLeLcCwLcNwBcUPJwFeNcVCeR
53         trouble     abc-ef--i-k-mnop-r---- XTUREcWTAeLcHwFeLcJcMwXLcPFwIeHwMwFeJwKcDc
613        trouble     abc-efg-i-k-mnop-r-t-- BwGwMeMwDeRMcVGcKeVHcLcPSHcEeRSBeHwJwAwPCe
202        trouble     a-cde--hi-k-mnop-rstu- NeJeNeRNcHeGcDcJcGeWFeEcHcWCeXFwVVMw
45 beside  trouble     abcde--hijk--no--r-t-- MwAeLcRIcUCeUBwQQJcFwCwDcEwQXNeEePEeR
633        trouble     ab-def--i-k-mnop--s--- SLwIePPWHeUHeXCeGwXNcJeEeFwJeKc
33 beside  trouble     abcde-g-i-k--nop--stuv QBcPSQNeLcLeMwOKcDeEcLeVQIwUVAeLcLeHcQDe
149        trouble     ab--e---i-k-mn-p--st-- OOBwXIeDcGeAwUJeLwPWOFwWWCeCcAcIcGe
56         trouble     a-c-e---i-k--n-p---t-- KwJwKwHwSFeCeGwTWTEcLeMeMeQHcFwOFwDeNe
481        trouble     abcde---i-k-mn-p---tu- GwNcMcWPEcJeDeONwFwAwLcPCcWVUUJwBcAwOGwHcBe
258        trouble     a-c-e---i-k--nop---t-- DeFeMcEeSKeAcPEeCwKcMeIwFcTBwOKcCcDcIeRKeOU
649        trouble     a---e---i-k-mnop--st-- OEwAcDcFeJwPBcGwWCwDcCeJcCeJwSBeVHw
516        trouble     a-c-e-g-i-k--no----t-- QCwHwUMcPQDcUUAcPGeEeGwTHwKwPWW
322        trouble     abc-e-g-i-k-mn-p-rstu- WBeBeMeFcMeLwDwGcXPSMeAeWJeRWWCwQVJeLc
228        trouble     abcde--hi-k-mn-p---t-- WIwFwDcIeQKcFwLwGeAcDwWXMcJeHwNwTSNeSCcO
74 beside  trouble     abcde---i-k--nop-r-t-- SIwTUFcNcBcMwDeTVUEeRUFcOUSLe
132        trouble     ab--e---i-k--nop-r-tu- XUDeRKwTUVDwTLcWEwBwFcAwAwKwIeBc
697        trouble     abcde-ghi-k--nop-rstu- XQRAcVNeGwCeMwFwSCeRLePEeMwCcBcJc
581        trouble     a-c-e---i-k--n-p-r-tu- OFeQXUCwNcMcKcCwRFeVHwHcDwBcDcBeRAc
218        trouble     a-c-e-g-i-k-mn-p-rstuv PHcVMcOVVIcXBeXQROCeVDeJwFwKwR
698        trouble     a--de--hi-k--nop-r-t-- CcGwOTKeNeDcUUVCeEeKwGcSWRDeXWRT
145        storeLoss   a---e-----k----pq--tu- XPVXYPZXPVXYPVXYPVXYPVXYPVXPV
362        trouble     abc-efg-i-k-mn-p--st-- UCwLcGcFeDwMeAwXWEeVOJeAeVOFwWLcIwDwFc
677        trouble     a-cde--hi-k--n-p---t-- MeXMwHcCeWHeQWNeVOGeIwIcHwOWS
757        trouble     a---e---i-k-mn-p-r-t-- XCwIcPWQQXJcJwKwQWSRJwGwRPU
142        trouble     a--de---i-k--nop-rst-- QSXVKcDcRWNwFeWOQUQMeEeNcIcWBcRT
342        trouble     abc-e-g-i-k-mnop--st-- XJwAcJcOMeFcTQAcKwCeAcDcJwXTSGwIeEeLwFc
405        storeLoss   a---e---i-k----pq--tu- XYPVXPVXPVXPVXPVXPVXYPVXPZ
245        storeLoss   a---------k----pq-stu- XPVXPVXYPVXPVXPVXPVXPVXPV
453        trouble     a-cde---i-k--n-p-r-t-- TTRBwRCeWFeSIwSNwAeSWQUMeWMwWKw
35         storeOutage a---e---i-k----p--stu- XQPXQVPXQPXQVPXQP
355        storeOutage a---e---i-k----p--st-- XQVPXQPXQVPXQPXQP
35 beside  trouble     ab--e---i-k--nop--stu- LwEcCcMcFcDcLeVBcFcVDcCcHcGeODcBcEcCeCcFc
795        storeOutage a---e---i-k----p--stu- XQVPXQVPXQVPXQPXQP
10         stillness   a-------i-k----p--s--- 
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
17 beside  trouble     ab--e---i-k--n-----t-- AwNwVQDwBcIcDwDeNcNcJcSVOIwDcTLcLeQRBc
`,
  `
270 beside trouble     ab--e---i-k--n-p-r-t-- KwPFwRLwDwTRJePAwXQXPMe
4301 whole trouble     abcde---ijk--nop---t-- WWLcIcDeWUXWBeOTWSWNcEwMcMcEeQ
5698 whole trouble     a-c-e---i-k-mn-p-r-t-- MeDcIcPXBwDcQRDcFwCwJcKwCcVPSHeKwBeHwT
7674 whole trouble     a--de---i-k-mno--r-t-- IcAcUJcVSROQCeIwCeQUCwJeGcNcUSEwGcNcDe
128        trouble     abcdefgh--k-mnop---tu- LcJcLeAwAcOVCeMwHeCwEcNcFwNcOLcMwJeHeVLwQQCe
12 beside  trouble     a--de--hi-k-mn-p-rst-- NcBcBwXNcJwKwQUHwIeNcRAcDwPXDcTIeFeMcVQVIeBwR
181        trouble     a---e---i-k-mnop-r-t-- TJwHeJwGcMcDcFeJeXDeAwAwRFcWPTHwWBePEwP
152        trouble     abc-ef--ijk--n---r-t-- XIeHwTMwBcLcGcQWOURBcHeCwIcKeDcKcRMc
32 beside  trouble     ab-de---ijk-mno--r-t-- CeUNeREeEeTDwAwVJcOEcKeSLwUCwJeDwEwBe
257        trouble     abc-e-g-i-k--no------- AcSHcQFeEeLwIwEwBcFcWLcXWLcMcPGeXDe
78 beside  trouble     a---e---i-k--n----st-- CeIeSIePIeLcTQSLeFcBcIeTVQMeU
458        trouble     a-c-e---i-k----p---t-- OKeIeGcHeUHcJwUMwIwXTUGeOKwGeT
729        trouble     a-c-e-g-i-k--nop-r-t-- TEcCwAeXKwFeVDeMwOKeOWWWGeRDwTS
77         trouble     abcde-g-i-k----p-r-tu- HcSFeXMeORLeRVGcNcGeWVHcFcXUKeKcLw
501        trouble     a-cde---i-kl-n-p--st-- PQNeBcDwIcMeEcTPHwWFcSHeNwKeFcDwAcWBcAeDwKcAcGeU
244        trouble     ab-def--i-k-mn-p------ AeAeTLeLeGeJeLeXNwXCcKcTKeUGcPU
296        trouble     a-c-e-g-i-k-mno------- KwBeXEeMcVEcWDeCwBeFwPDcIeUTSJeBeJeX
466        trouble     a---e---i-k--nop-rstu- EcAcUEeRKcGeEwEcSIwDeFwOSSSNeVFcBwKeGe
50 beside  trouble     a-c-e-g-i-k-mn---r---- AwUMcJeBcVKcFwQJeSTHwHeRDcNcIcMcDwKc
77 beside  trouble     a---e---i-k-mnop---tu- IeVJeSDwEeVJcPBwQEcAcHcOUPQAwDw
717        trouble     a-cde-g-i-klmnop-r-tu- URUJcIwMeCcDwEcOMcNeAwVIeXOAwAcTVFeDc
64 beside  trouble     a--de---i-k--no--rstu- OVHeNeJcNeFcFcIcXXDcVVBwURDeXNeEw
176        trouble     a---e---i-k--nop-r-t-- EeWXSCwOTFwQDcDcRSGeIeFcGeUDcHwCw
97         trouble     a-cde-ghi-k-mn-p--st-v FcDwKeNeGwCeDwGcJcWSUMeIeOWVBwOQUCwW
784        trouble     ab--e---i-k-mn-p-r-t-- AwRWUXTDeLeLcPDcKcSGwAwBcAeBcMeJwO
332        trouble     a-c-e---i-k--nop-r---- RTFcWCwTREcMwUDeDcKcKcEeDeGcDeSWEeKeFwJeTR
162        trouble     ab--e---i-k-mn-p-r-t-- AwIcHeQHeDeGcXRWLcGePBwSJwWPGe
262        trouble     ab-de--hi-klmnop---tu- PTOTIwDcSCeEwBeNeNwEwQJePTNeIeVLeX
25 beside  trouble     a---e---i-k-mn-p-r-t-- GwDwXDeNeLwKwBwHeORIeCwPGwDeLeJcAe
71 beside  trouble     a-cde--hi-klmn-p---t-- McGeJwSTHcNcTGeODcGwJcHwMeQAcQCwHe
52         trouble     ab-def-hi-k-mn-p-r-tu- RFcRLeNeHeJeHwCwDeDwRMeNcWLcRQAeRV
366        trouble     a---e---i-k--nop--st-- CeIwAeDcUIwLwBcOUPDeKeUFeDeEwQSKeHc
505        storeLoss   a---e---i-k----pq--tu- XPVXPVXPVXPVXYPZXPVXPVXPV
60 beside  trouble     a-cde---i-k--n-----t-- PMeCeHwUAwQCeFcHwNwMcSBeXPGwGcJeHw
577        trouble     a-cde--hi-k--nop-r-t-- NeHeOXRIcTVWNcEeFcWHeQBwHcTXJeIwXMe
562        trouble     ab--e---i-k--nop-rst-- XHcOLwQTDeDwGeTEeRMwBcEcDwUNwPIeORS
169        trouble     a-c-e-g-i-k--n-p-r---- DeKcMcDwTFcRCeUDeTMwVHePVTAwAwX
728        trouble     ab--e---i-k-mn---r-t-- RKcTWRJwCwQDwDwWPMeJwGeKeGwKeSLcAeNe
41 beside  trouble     ab--e---i-k--no--r---- SFeFcAwFeLwXREcEwXUBwDeCwAwLwGcFcUCwTS
285        storeLoss   a---e-----k----pq--tu- XPVXPVXPVXPVXYPVXYPVXPVXPZ
665        storeLoss   a---e---i-k----pq--tu- XYPVXYPVXPVXPVXPVXYPZXPVXPV
233        trouble     ab--e---i-k--n-p-r-tu- CcORFeGwOBeSVWVVCeKwIcAwSLeCcS
674        trouble     ab-def-hi-k-mn-p--st-- TNcWNwGcCcOXJcWLcBeLeXTWQIwGcDcBw
215        storeOutage a---e---i-k----p--stu- XQPXQPXQPXQVPXQVP
475        storeOutage a---e---i-k--------tu- XQVPXQPXQVPXQVPXQVP
195        storeOutage a---e---i-k--------tu- XQVPXQVPXQVPXQVPXQP
20         stillness   a-------i-k----p--s--- 
411        trouble     a---e---i-k--n-----tu- UDcWJwFwDwPGeWDeXUVFeKeWHwQFeWQ
79 beside  trouble     a-c-e-g-i-k-mno----t-- QIeEeTIwMcGcEwDcUDePSJcGwJwQPFeQ
444        trouble     abc-ef--i-k-mn-p-r-t-- IcDwQMwHcRFcJcGwMeLeOSKwUWGwAwLeAwJeLcAeIeDc
194        trouble     abcde---i-k--nop--st-- DcPQAcFwBcMwEcKwXKeGwNwTKcXEeLcFeWRQWS
42 beside  trouble     a--de--hi-k-mnop-r---- UEeVVDwCcRUHwUXTJcBcRNcEwQDwQQXKeAeIeQIc
21 beside  trouble     a-cde-ghi-k-mnop--st-- IeNeFcMeSNcKeLcHeJwKwJcMeHcCwNwNePDwLeBeBcDcEwDeDcO
621        trouble     ab--ef--i-k--no--r-tu- XWWRDwLcPKcCeIwWHwGeSUAeGcBcJcCeOVEcS
553        trouble     abc-e-g-i-k--nop---t-- VFcLwTIeMwAwSDcIwOCwPAeSEeXFeIcEc
26         trouble     a-c-e---i-k-mnop------ WMwBeQHeAwSBeVIcTJwQRCcGwEcEwBwWFw
582        trouble     a--de---i-k--nop------ VNeDeCcBcXSNwDeFcDeBeAcTXBwWKwEeSPHwUWQUBw
248        trouble     a--de---i-klmnop-rst-- IwIcXJeXBeMePCeOJeNwAcRRIeEcXNwUIwUP
241        trouble     ab-de--hi-k--nop-r-t-- OUUSSPFeIeNcGwPHeQEwLcRNwXNwGcSO
196        trouble     ab--e---i-k--no------- LcCwCwWIwLwTDwKeGwTMwWGwCwWDcTEwVU
`,
].map((list) =>
  list
    .trim()
    .split('\n')
    .map((row) => row.slice(0, 11).trim()),
)

/** With edges that lie: every two lies at once. */
export const LYING = ['85 lying', '274 lying', '244 lying', '62 lying', '231 lying', '89 lying', '8 lying']
