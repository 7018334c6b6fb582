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
2062 whole trouble     ab-de---i-k-mnop---tu- HeVBwAcXUCwWJcWWWUGcNeWEcUAeBcGeLwNwOLc
4462 whole trouble     ab-de---i-k--n-p-rstu- BeVBeHeRFwBwOFwWKcXLeKeLwBcBeXOSNcT
5976 whole trouble     a---e---i-k--n---rs--- DwRBcCwSRPQKeCwLeWQBwDeHwDwFwW
8552 pairs trouble     a-c-e-g-i-k-mnop--stuv CcDcBwOHwXVFcJeWHcTTGwMeGeXQPVEe
246        trouble     a-c-e-g-i-k--no----t-- IwFeHwBeAwMwUFcAwNcEwDcPMcFcIcUAwVQJeMcEcFe
308        trouble     abc-efg-i-k--n-p---tu- BeFwFcCwHwLcUONeGeBeCeFeMwMwOGcDwLeIcMeOVFcDeU
258        trouble     abcde-g-i-k-mn---r---- NwNwMwKwDwRTKcJeHcSMeCeIcQEcCwLwSU
628        trouble     ab-de---i-klmn---r---- VWKcUWLwXRIePBeNwAeJcRNwIwJeGwCeKe
306        trouble     abc-ef--i-k-mn-p-r-t-- KwLwBcKePAeOROWWAeTWRSHeMwJeW
122        trouble     abc-e---i-k--n-p-rst-- MeRCcLwIeHwIeHwOWBeQURAwUKwXTEc
326        trouble     ab--e---i-k-mno--rs--- JeIeLeWCcDwDcHcKwMcULwDwVHwREeAeGcDeAwDeCwSLeCc
674        trouble     ab-de--hi-k-mn-p--st-- VTLeJwGcVIeKcVOJeUAeSUODwIcDwNcWHcAe
364        trouble     a-cde-g-i-k--nop-rst-v WPRTRMwOWEeNeSVNcDwUEcEcHcOVGwQHe
26 beside  trouble     abcdef--i-k-mn---r-t-- BeNcLwLwJeDwPAcLeBwLcMwRTIcAcTUDcHeCcDcEwGeTSMw
436        trouble     abcde---ijk-mn-p---t-- IcDeCcFcUPGcXDeCcPCcJwWLcFeOIcCwTNcTMe
106        trouble     a-c-e-g-i-k-mnop---t-- McXDeDcEwVMwCeXLcWEeJeOFeXGwEeJcDeQGeU
68 beside  trouble     ab--e---i-k-mnop--s--- FcFwJeVXVJwEeBeLcIwFwLwEwAcUTAwQQCeBeKwKc
701        trouble     a-c-e-g-i-k--n-p-r-t-- HcWGcAcFcTHwHeORKeCcMwAcQGc
114        trouble     a---e---i-k-mnop-r-tu- AeTEcIwKwUOXVRAePRTWUWIeBcMcJcHeJcEw
152        trouble     a--de--hi-k-mnop---t-- UXTFcOAeFeQNwEcQSWJwAwKwLwNwHcJe
593        trouble     ab-de--hijk--no--r-t-- TBwWQXIeDeXGeTRPLeDeBeCwEwWNcWP
526        trouble     ab-de---ijk-mnop---t-- HwNwWXXBcHcGwODeKcEcPHeJcQKwLeTNw
176        trouble     a--de---i-k-mn-p-r---- JwVFcSFcIcRNwAcVFcKeDeHwDcFeJcAcNcDcGcWUV
396        trouble     abc-e-g-i-k--no--r-tu- SGwEwRLcKeKeVLwUXXMePVRQDeSEwMcQVFwMc
29         trouble     a-c-e-g-i-k--nop---t-- JePTTAeWQOKeDeSTMcXFcOKeEwFeCwVTFcCc
132        trouble     a---e---i-k-mn-p---t-- KwKeIwDwQBwPKwPIePGcDwUOJeWNeAcHeDcW
78 beside  trouble     abc-e---i-k--n-p------ MeAcLwXUXAcBcAcIeXPCeGcQMeTSCe
589        trouble     abcde-g-i-k-mnop-r-t-- UMwNcCeSPULcUGcTIwRUTNwFcHcOEcJwGe
264        trouble     ab--ef--i-k-mnop-r-t-- JwOMcBcXKeJwEcVKeWLeDcPDwSIcPXNcNcUKeAeRKwGw
733        trouble     a--de---i-k-mnop-rst-- EcEwBwJcUQCwVRWKcJeOCePNeDwDcQNcS
336        trouble     abcde---i-k--nop-rst-- RLeNcAcSMeKeQEcSQWAwDeTAeORJwTRNeMwAc
705        storeLoss   a---e-----k----pq--tu- XYPVXYPVXPVXYPVXPVXYPVXYPZXPV
536        trouble     a-cde-g-i-k--n-p---t-- GwWDcWMeGwSCeBeMeKwCcNwOKcQDwNeRQ
682        trouble     a-c-e---i-k--n---r---- TRXBeHwXTRVDcGwMwRXSAwHwVU
46         trouble     ab-de---i-k--nop-rst-- LePWRSOGwTQIcGcXNwBeSHeDwVEcGwXOJwGcFeIc
505        storeLoss   a-------i-k----pq--tu- XPVXPVXPVXPVXYPVXPVXPVXPV
5          storeLoss   a---e---i-k----pq--tu- XPVXPVXYPVXPVXYPZXPVXPVXPV
7674 whole trouble     a---e---i-k--n-p-rst-v HwODcROQSXXVNeDwAeMwDcDeAePBwT
342        trouble     a-c-e---i-k--no--rs--- DcBeWWTTQHcEeWMcUDwIeRSQSBwBeEe
335        storeOutage a---e---i-k--------tu- XQPXQPXQPXQVPXQP
595        storeOutage a---e---i-k----p--stu- XQPXQPXQVPXQVPXQVP
735        storeOutage a---e---i-k----p---tu- XQPXQPXQVPXQVPXQP
10         stillness   a-------i-k----p--s--- 
731        trouble     a-c-e---i-k-mn-p-rs--- VFeXIeJeUJwKwMcUKwPMwBeAeRHeRJwIwHe
471        trouble     a--de---i-k-mnop-rst-- KcAwQDcBwDwPGcEcWKwKwRWWNeKwUJeWWEcW
343        trouble     abc-e-g-i-k--n-p-rstu- WXKeHwGeBeWDeLwRTRIeUUMcRXOFcVRU
56         trouble     abc-ef--ijk-mnop-r-tu- VHwAeRKcCwCcROMwVXEwWEcIeJcVXWLeDwIeJwHeFeLeSW
668        trouble     a-c-e-g-i-k--no--r-t-- AePKcMcUPLwMcEcURJeUBeFcKcAcUXBwXSQP
521        trouble     ab-de--hi-k-mnop-rstu- FwNcRGcKwBwVJeQNeKcDcHeCwWHwNeVLwRCcGeEwDcQXIe
669        trouble     ab-de---i-k-mno------- JcGeIwUGwHwEwTSSIeBeVCcUUEeMcGcDcLwNe
492        trouble     a-cde-g-i-k-mnop--st-- HwOBcFwNcIeMwJeSAcFwGwMeQMwEcAeBeNeWMe
381        trouble     a--de---i-kl-n-p--stu- CcIcNcTAeUXKeSCwSUTFwDeFwIwXVHwNcSCcTJw
36         trouble     ab-de--hi-k-mnop-r-t-- SEwIwFcPFeDcEeJwKwLeTVVJeRNcBwNePIcIcCeQ
477        trouble     ab--ef--i-k-mn-p--st-- KcDcFwCeAcLeOWAcJcAcWFwUTHwIeJwSCwMw
509        trouble     ab--e---i-k--n-p---t-- HcXHcWDcPAeWCeSGeWHwTBeXXUOIwLe
597        trouble     a-cde-g-i-k-mnop-rst-- DcVGwNeMwRLcWLcNcWEwMwAwDcRQOJeQUDcUKwXW
9 beside   trouble     ab--e---i-k-mn---rstu- DcVSHeTCcFwDwLwBwBeRFeVBwJeTGeLwXHwIeQ
93         trouble     a-cde--hi-k--nop-r-t-- TPUNwEcFwKcPRSMeIcCcIeEwCwPIcXSNcO
438        trouble     ab-def-hi-k--n-p---t-- NwQLwSDwAwQFeOLeONeWCeHcKwGwGeFe
`,
  `
270 beside trouble     abcde-g-i-k-mn-----t-- KwPFwLcHcAcQPNcOHeMwVPAwNwJeFw
4301 whole trouble     ab--ef--i-k--nop---t-- DwEcUPQQSWVUSGwDeLwODwDwQCw
5698 whole trouble     ab-de-----k-mnop---t-- DcAeJwCcSWHcWHwLwPEcCcUHwOWEwXJwXPNc
7674 whole trouble     a---e---i-k--n-p-rst-v HwODcROQSXXVNeDwAeMwDcDeAePBwT
752        trouble     abc-ef--i-k-mnop---tu- OJwVLcEwKwMeKcJwKwEeAwAwHwLeIwTTPFwBwVJwKe
608        trouble     a-cde---i-k-mnop-r---- EeWHcUNwFwEwMwTIwJwIwWCwAwRTWDcXRDc
676        trouble     a-cde-g-i-kl-n-p-r-tu- CwNeVIeMcDeMwCwXMcCcFeKcRVXBeTQWQIcGe
46 beside  trouble     a---e---i-k--n---rst-- FeDwCeGwPDcKcNcBcFcLwLcVLcDeBwPRGcSIcV
292        trouble     ab--ef--ijk--n-p-r-t-- XDcWHwDwVTOLcIcEcBcTBcRLwXKcCeHwXOCe
522        trouble     a-c-e-g-i-k--nop-r-t-- FeAeFwMcQFwNeEwDwPWRTBcSGeAeBeSOAcBcKe
60 beside  trouble     a-c-e-g-i-k-mn---r-t-- SDwMeHeGcCcRHeNwQKeTMeNeJeGwEcXKeU
404        trouble     ab--ef--i-k-mnop-rst-- HeSPWLcEwWQBeHwCeHwEwAcVRXJwNwMc
794        trouble     a--de--hi-k-mn-pqr-tu- QDwXKeGcVJcUUTPWJcXMwIcPNcVHeOFeWGeRBcIe
318        trouble     ab--e---ijk--no---s--- EcLwEcDeTHcUUIwLwKeAwKwUHcKwAeCcJcHcBwWNc
142        trouble     abc-ef--ijk-mno--rst-- JeLeQXDcJcRWUDcKwXRSBcSVEcMwRKwLwIwU
153        trouble     a--de--hi-k-mnop-r-t-- PXNwAcDeWOKwOBcRDcGeBcPXFwWJcEwGwGe
534        trouble     abc-e-g-i-k-mn-p---t-- LeDwQPHeGeTUMeOIcJeAeBeLeFwUOS
722        trouble     a-cde--hi-k-mnop-r-t-- PQXEwOSJcGeDwMcNeCwPNwSJcRDeFcAcGeVEcNeSR
564        trouble     a---e---i-k--nop---tu- KcSWPEeXTVIeVOBcUDePSFcQIcIcKeKeGwBcNe
69 beside  trouble     abcde---i-k--no----t-- EwPGeMeEcLwMcMcOTHwDeKwIwNwAeTBcKc
13 beside  trouble     a---e---i-k-mno--r-t-- DwDwXQXJcRAeKwQIeSNeXHwRMeAeIwEwGcBePGwDwS
241        trouble     a-cde---i-k--n-p---tu- IcDeGwFcSCwKwBeXIeDeHwMcNcUHeTBcCeCeDwTPBeV
82         trouble     a-cde-g-i-k-mn-p-r-tu- JeWWIcSPDwDwNcJcJcFcMwGeNeDwMeJeIcWRGcOWGwV
686        trouble     a---e---i-k--no------- CcQBwSHcIeVAeAeWQDcUEcVWNcWNcGwIeQ
548        trouble     ab-de---i-k--nop-r-tu- AwOXCcLwLcEwAwEcWXDcNwLeRMcGwIwVGcLw
164        trouble     ab-de---i-k--nop-r---- VBcAcRVBeCcIeTIwEcFwLeBwSEwVFeSDcXNe
41         trouble     ab-de--hi-k--nop-r-t-- TLcFcPBwDcCcHeEeKcPSULcNcCeDcSSREwKc
112        trouble     abc-e---i-k-mn-p-rs--- CeVQPRLeMeLeJwGwMcRWFcIcWWHwUXHcS
18         trouble     ab--e---i-k-mn-p-r-t-- SDeAwKeRCwCeAwWIeDwIwIcBwVWPGeKeLcUKcJeOTR
413        trouble     abc-e---ijk--n-p-rst-- HcDwFeTXCwCcFwQOHwMeBeFwCcLcWTRIcMe
314        trouble     a-c-e---i-k-mn---rst-- JeIeJwFeGeHcQKeWDwUPWPRIwMcIc
349        trouble     a-c-e-g-i-k--n-p-r-t-- CcMwHeSTDwRWCcOGePWAeGcCcSQDcDwDw
64 beside  trouble     a-c-e---i-k--nop-r-t-- QMeFwIwFwRDwQFcOMeRIcMcDwEcEc
213        trouble     a--de--hi-k--no--r-tu- NeUUQLcRGeNcEeGcDcTWRVXRHeBeNeX
172        trouble     ab-de---i-k-mnop-r---- IeKcEwLwVXLwDeGcJwDeWQRNcUBeAcRLcRUCwS
165        storeLoss   a---e---i-k----p--stu- XPVXPVXPZXYPVXPVXPVXPVXPV
437        trouble     abcde-ghi-k-mnop---t-- AcQAeWBeWMeCeONcJePSLeBcLcWWNeEcCcEeHc
265        storeLoss   a---------k----pq--tu- XPVXPVXYPVXPVXPVXPVXPVXYPV
305        storeLoss   a---e-----k----pq--tu- XYPZXYPVXYPVXPVXPVXPVXPVXPV
594        trouble     abc-efg-ijk--n---r-t-- IwDeRPKeRDeLeLcQTNcGcQMcSPGc
197        trouble     ab--ef--i-k-mnop---t-- WFwAeHeEwIwLcHcJwJeWEeJcAeMeEeBcDeDeTO
312        trouble     a---e---i-k-mnop-r-t-- GcAwXWJeUEwRXQAeWCcBcBcIeOXBeAe
277        trouble     abc-ef--i-k--n-p-r-tu- GwUTAcFcLeOAwFcGcRFeMcVIeFwQV
475        storeOutage a---e---i-k----p---tu- XQVPXQPXQVPXQVPXQP
155        storeOutage a---e---i-k----p---tu- XQVPXQVPXQPXQPXQP
195        storeOutage a---e---i-k----p---t-- XQPXQPXQPXQVPXQP
20         stillness   a-------i-k----p--s--- 
443        trouble     a---e---i-k--nop------ DeFwEePXAwQWCcDwDcFeKcEwKwAcXVHe
531        trouble     a-c-e-g-i-k-mno----t-- IwCwQTJwIwOIwEcFcHeDcMeAeBwNcPDwEw
619        trouble     abcdef--i-k--nop---t-- KwHcLwSLcHcDeFwBcEcBwNcVDeULcXPXCwMeOMwUX
758        trouble     abcdef--ijk-mno--rstu- UWGwDeWJwBwCeIeJcRLeEcVMwHeIePFcKwEwSLeNcAe
369        trouble     a--de--hi-k-mn-p-r-t-- JwOKeAcFcNeJwRHwOAcXWRJePDeRTIcOQDwMwGw
689        trouble     abcdef--i-k-mnop--s--- VBeHcDeEcDcNcHeGcKeHeTWKcMwXJwNeFwEwLeQTBw
26         trouble     a--de---i-k--nop-r-t-- AcNcBeLeGwPCeUVGcTSRAeXUBcUIeEwBcHcSDwW
362        trouble     abc-e-g-i-k--nop--st-- MeCeMcFeMcPAwTDwIcCwQEcOWHcLcIeLeGw
65 beside  trouble     ab--ef--i-k--n-p-r-t-- AcAwOIeBeHeLcVBeQNcXDwKeULwTFwGwDcAwPRHw
50 beside  trouble     a-c-e-g-i-k-mn---r---- AwUMcJeBcVKcFwQJeSTHwHeRDcNcIcMcDwKc
574        trouble     a-cde-g-i-k--nop-r-t-- TSRRMeOTNwRSKeDwCeKcRBwBeEwAeMeIcCwTJc
406        trouble     a-cde--hi-k-mnop---t-- JeBeIwNwODwWXODcOWMeUSWPEwQCwWX
401        trouble     abcdef--i-k--nop-r-t-- RUPNcGwGeLwVPIeMeLeEeTWCcBcAeCeEcQ
`,
].map((list) =>
  list
    .trim()
    .split('\n')
    .map((row) => row.slice(0, 11).trim()),
)

/** With edges that lie: every two lies at once. */
export const LYING = [
  '93 lying',
  '106 lying',
  '24 lying',
  '207 lying',
  '214 lying',
  '101 lying',
  '35 lying',
  '23 lying',
]
