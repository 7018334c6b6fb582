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
46         trouble     abcde--hi-k--nop-rst-- LePWIwLcBcJwJwGwOBwCwFcEcODwQSHeCwHcKeNwMeRVNc
608        trouble     a-cde---i-k-mnop-r---- EeWHcUNwFwEwMwTIwJwIwWCwAwRTWDcXRDc
752        trouble     abc-ef--i-k-mnop---tu- OJwVLcEwKwMeKcJwKwEeAwAwHwLeIwTTPFwBwVJwKe
176        trouble     a--de---i-k-mn-p-r---- JwVFcSFcIcRNwAcVFcKeDeHwDcFeJcAcNcDcGcWUV
258        trouble     abcde-g-i-k-mn---r---- NwNwMwKwDwRTKcJeHcSMeCeIcQEcCwLwSU
669        trouble     ab-de---i-k-mno------- JcGeIwUGwHwEwTSSIeBeVCcUUEeMcGcDcLwNe
432        trouble     a-c-e-g-i-k--no--r-t-- EeJeQIeCeCeXJeSMcHeQORXWHwRMcAwWJe
406        trouble     a-cde--hi-k-mn-p-r-t-- JeBeIwNwODwWXODcOWMeUIcPNePRU
65 beside  trouble     ab--ef--i-k--n-p-r-t-- AcAwOIeBeHeLcVBeQNcXDwKeULwTFwGwDcAwPRHw
308        trouble     abcdefg-i-k--n-p-r-t-- BeFwFcCwHwLcUONeGeBeCeFeMwMwOGcDwLeGcVNcRGcODe
209        trouble     ab-de---i-k--n-p--s--- WSGcTXNcNwSWXTJwTIeAeMeFeBeLw
22 beside  trouble     a-c-e-g-i-k--nop-rst-- TEeBeMwKwQTAcRTIwPSDcCwDcSIcTKcX
768        trouble     a--de---i-k--nop---t-- HeGwHeEeONcLwSEcIwXTCeVOXU
318        trouble     ab--e---ijk--no---s--- EcLwEcDeTHcUUIwLwKeAwKwUHcKwAeCcJcHcBwWNc
286        trouble     a--de--hi-klmno----t-- UNcPAeIcPCcJcDwDeMwEwNwSJeLePUDcGeKe
270 beside trouble     abcde-g-i-k--n-p---t-- KwPFwLcHcAcQPNcOHeMwLwNwDeSMwPDw
46 beside  trouble     a---e---i-k--n---rst-- FeDwCeGwPDcKcNcBcFcLwLcVLcDeBwPRGcSIcV
313        trouble     ab-de---i-klmnop-r-t-- OWTLwRDwHcVFwCwJwEwUAeWBeNwUGwU
702        trouble     ab-de---i-k--nop---t-- PLcEwEcLwCeXNwCeXBeEwPFwWXWSSU
396        trouble     abc-e-g-i-k--no--r-tu- SGwEwRLcKeKeVLwUXXMePVRQDeSEwMcQVFwMc
174        trouble     abc-ef--i-k--n-p---t-- IeWLwPWBeFcNeMcIwBeMcXSQIwQCwIcFeNeQ
794        trouble     a-cde-g-i-k-mn-p-r---- QDwXKeGcVJcUUTPWJcXMwIcPNcMwTCwFwURJeAw
674        trouble     ab-de--hi-k-mn-p--st-- VTLeJwGcVIeKcVOJeUAeSUODwIcDwNcWHcAe
733        trouble     a--de---i-k-mnop-rst-- EcEwBwJcUQCwVRWKcJeOCePNeDwDcQNcS
76 beside  trouble     a-cde-ghi-k--n-p-r-t-- McNeQJcRTGwTRQUMwTUOMeCwT
61 beside  trouble     ab-def--i-k--no--rst-- XPRREeLePTKwSCeAwCePGcXKeIcNe
554        trouble     ab--e---i-k-mno----tu- KcLcCcQSMcJcEeVSLcJcKwWAwCeHeDcBwVSVMc
705        storeLoss   a---e-----k----pq--tu- XYPVXYPVXPVXYPVXPVXYPVXYPZXPV
66 beside  trouble     ab-de---i-k--n-p--st-- LwDwDcHwBcXPCeKwBcGcMcFeHcNeOKwQFw
16 beside  trouble     a-c-e-g-i-k-mn-----t-- MeGeHwKeGeDcDeJwAcDwLcAcMePGeQLeCcQQJcX
362        trouble     a-c-e-g-i-k-mn-p--st-- MeCeMcFeMcPAwTOJcJeAeJwVSUKwBcGwT
477        trouble     ab--ef--i-k-mn-p--st-- KcDcFwCeAcLeOWAcJcAcWFwUTHwIeJwSCwMw
505        storeLoss   a-------i-k----pq--tu- XPVXPVXPVXPVXYPVXPVXPVXPV
466        trouble     abc-ef--i-k--nop--st-- MwSSWTLeWXDcPEwWPDePBeOEwDwXAw
5          storeLoss   a---e---i-k----pq--tu- XPVXPVXYPVXPVXYPZXPVXPVXPV
524        trouble     a--de---i-kl-nop---t-- QWQXGcQTDcDwCeQKcKcNcEcLcKwNeDeDwOIeMw
335        storeOutage a---e---i-k--------tu- XQPXQPXQPXQVPXQP
595        storeOutage a---e---i-k----p--stu- XQPXQPXQVPXQVPXQVP
735        storeOutage a---e---i-k----p---tu- XQPXQPXQVPXQVPXQP
10         stillness   a-------i-k----p--s--- 
731        trouble     a-c-e---i-k-mn-p-rs--- VFeXIeJeUJwKwMcUKwPMwBeAeRHeRJwIwHe
471        trouble     a--de---i-k-mnop-rst-- KcAwQDcBwDwPGcEcWKwKwRWWNeKwUJeWWEcW
343        trouble     abc-e-g-i-k--n-p-rstu- WXKeHwGeBeWDeLwRTRIeUUMcRXOFcVRU
56         trouble     abc-ef--ijk-mnop-r-tu- VHwAeRKcCwCcROMwVXEwWEcIeJcVXWLeDwIeJwHeFeLeSW
214        trouble     ab-def--i-k-mnop-r-t-- UGeTDcDcJePGcAcDwDeTQOAcJcWQPBeUIeNeNcLeEcRLcCeJw
114        trouble     a---e---i-k-mnop-r-tu- AeTEcIwKwUOXVRAePRTWUWIeBcMcJcHeJcEw
276        trouble     ab-def--i-k--no-q--tu- WKwLeBwQCwQWJcKcEwIeWKwVIcDcAcCcNcUAcWEe
9 beside   trouble     ab--e---i-k-mn---rstu- DcVSHeTCcFwDwLwBwBeRFeVBwJeTGeLwXHwIeQ
492        trouble     a-cde-g-i-k-mnop--st-- HwOBcFwNcIeMwJeSAcFwGwMeQMwEcAeBeNeWMe
574        trouble     a-cde-g-i-k--nop-r-t-- TSRRMeOTNwRSKeDwCeKcRBwBeEwAeMeIcCwTJc
689        trouble     abcdef--i-k-mnop--s--- VBeHcDeEcDcNcHeGcKeHeTWKcMwXJwNeFwEwLeQTBw
306        trouble     abc-ef--i-k-mn-p-r-t-- KwLwBcKePAeOROWWAeTWRSHeMwJeW
564        trouble     a---e---i-k--nop---tu- KcSWPEeXTVIeVOBcUDePSFcQIcIcKeKeGwBcNe
26         trouble     a--de---i-k--nop-r-t-- AcNcBeLeGwPCeUVGcTSRAeXUBcUIeEwBcHcSDwW
758        trouble     abcdef--ijk-mno--rstu- UWGwDeWJwBwCeIeJcRLeEcVMwHeIePFcKwEwSLeNcAe
`,
  `
270 beside trouble     abcde-g-i-k--n-p---t-- KwPFwLcHcAcQPNcOHeMwLwNwDeSMwPDw
4301 whole trouble     ab--ef--i-k--nop---t-- DwEcUPQQSWVUSGwDeLwODwDwQCw
5698 whole trouble     ab-de-----k-mnop---t-- DcAeJwCcSWHcWHwLwPEcCcUHwOWEwXJwXPNc
7674 whole trouble     a---e---i-k--n-p-rst-v HwODcROQSXXVNeDwAeMwDcDeAePBwT
217        trouble     a-c-e-g-i-k--nop-rst-- FcWRRTTKcHcBeXMwMeCeVFwGcEwFeRKwXOKcMcQS
381        trouble     a--de---i-kl-n-p--stu- CcIcNcTAeUXKeSCwSUTFwDeFwIwXVHwNcSCcTJw
18         trouble     ab--e---i-k-mn-p-r-t-- SDeAwKeRCwCeAwWIeDwIwIcBwVWPGeKeLcUKcJeOTR
149        trouble     a-cde---i-k-mnop-rst-- MwRNeIwEwGcRWEcTQOHwEcKwIwCeJwDwEwIcEwEwS
534        trouble     abc-e-g-i-k-mn-p---t-- LeDwQPHeGeTUMeOIcJeAeBeLeFwUOS
521        trouble     ab-de--hi-k-mnop-rstu- FwNcRGcKwBwVJeQNeKcDcHeCwWHwNeVLwRCcGeEwDcQXIe
122        trouble     abc-e---i-k--n-p-rst-- MeRCcLwIeHwIeHwOWBeQURAwUKwXTEc
29 beside  trouble     ab--e---i-k--n-----tu- GwSXVLwDcGcKeEwGwOXUVIeCwCwTGwGeAwV
369        trouble     a--de--hi-k-mn-p-r-t-- JwOKeAcFcNeJwRHwOAcXWRJePDeRTIcOQDwMwGw
68 beside  trouble     ab--e---i-k-mnop--s--- FcFwJeVXVJwEeBeLcIwFwLwEwAcUTAwQQCeBeKwKc
741        trouble     abc-e-g-i-k--nop-r-tu- BeXNeGeUXODeVLcWUTDeXMcFcKeBcAwHcMeEcR
597        trouble     a-cde-g-i-k-mnop-rst-- DcVGwNeMwRLcWLcNcWEwMwAwDcRQOJeQUDcUKwXW
56 beside  trouble     abcde-g-i-k-mn---r---- JwDwFeLcJeIwMeRBwSXIeJeGcDwJcMeXJcNwX
581        trouble     abcde---i-k--n-pqr-tu- NeKwLcVVGePPFeVTOQGeCeMeRDwFwWWO
456        trouble     a--de--h--k-mnop---t-- GwOFwNcPQTAeCcJcEcWCeTEcTKcWNcVJw
434        trouble     ab-de--hijk--nop---t-- KeTSOLeEcDeWSTNwVAcODeLeIcOWP
94         trouble     ab-de--hi-k--nop---t-- DeCcXCwOIwIwCeTPLcUSQAcUEwNcEcQ
666        trouble     a-c-e---i-k--n-p--stu- DcMwIwWKcHeFwOIeAcDeGcXBcXWQFeVMeDeFe
153        trouble     a--de--hi-k-mnop-r-t-- PXNwAcDeWOKwOBcRDcGeBcPXFwWJcEwGwGe
686        trouble     a---e---i-k--no------- CcQBwSHcIeVAeAeWQDcUEcVWNcWNcGwIeQ
72 beside  trouble     ab--ef--i-k--n---r-tu- LeBcGeBcHwAcSUSHeCeCwRVIeUXUIePGc
413        trouble     abc-e---ijk--n-p-rst-- HcDwFeTXCwCcFwQOHwMeBeFwCcLcWTRIcMe
32         trouble     a--def--i-k-mnop-r-t-- AeNwVDeRHeEcUJeWJcKePGwSJcWOQJcLcIeQRKcS
69 beside  trouble     abcde---i-k--no----t-- EwPGeMeEcLwMcMcOTHwDeKwIwNwAeTBcKc
726        trouble     ab-def--i-k-mno----t-- HcPIcIcUGwLcPAwEwJwWNcLwBcHwWCePFeAw
316        trouble     a-cde--hi-kl-nop-rstu- FwSKcRUGwCwDcBcNcWDcOCeREwQPDeVMcNcLeO
493        trouble     a--de---i-kl-nop---t-- DcKcKeKeIcGcNwIwXNwEcWPJeTGeGwHcBeXSW
638        trouble     a-c-e-g-i-k-mnop-r---- FeEeDeGwTUQBwBcDeWMeJcJcDwRGeWMw
342        trouble     a-c-e---i-k--no--rs--- DcBeWWTTQHcEeWMcUDwIeRSQSBwBeEe
792        trouble     a--de---i-k-mn-p-r-t-- FcJeNcWFeWCwXCcTHwBeSDcHwRFwGcJeOUU
769        trouble     abc-efg-i-k--n-p-r-t-- RWCwKwRCeLcVBeOAcUFwPMeWCcHeKcS
367        trouble     a-cde-g-i-k--nop-r-tu- EwMcHcWNcDcODwMcFwVRKwTXDwWDwPJw
165        storeLoss   a---e---i-k----p--stu- XPVXPVXPZXYPVXPVXPVXPVXPV
188        trouble     a--de--h--k-mn-p-r-tu- NePUJwVXJcUOHeJwWAcRODwTORWJwJeKe
265        storeLoss   a---------k----pq--tu- XPVXPVXYPVXPVXPVXPVXPVXYPV
305        storeLoss   a---e-----k----pq--tu- XYPZXYPVXYPVXPVXPVXPVXPVXPV
393        trouble     ab-de---i-k-mnop-rs--- SJeGcLcXNeTRUWKwBcUDwBeDeSBwEwWIwEeX
475        storeOutage a---e---i-k----p---tu- XQVPXQPXQVPXQVPXQP
155        storeOutage a---e---i-k----p---tu- XQVPXQVPXQPXQPXQP
195        storeOutage a---e---i-k----p---t-- XQPXQPXQPXQVPXQP
623        trouble     ab--e---i-k-mn-p---t-- UDwPXKwGwPDwLcPPTCcCcPJwSFeJeU
20         stillness   a-------i-k----p--s--- 
531        trouble     a-c-e-g-i-k-mno----t-- IwCwQTJwIwOIwEcFcHeDcMeAeBwNcPDwEw
44         trouble     ab-de--hi-k-mn-p---t-- NeCwKwHeHcUPBeJeAeGcNcOXFwKwXQFwUGcHeLe
33 beside  trouble     abcde-g-i-k--nop--stuv QBcPSQNeLcLeMwOKcDeEcLeVQIwUVAeLcLeHcQDe
246        trouble     a-c-e-g-i-k--no------- IwFeHwBeAwMwUFcAwNcEwDcPMcFcIcAwIeDcWRV
292        trouble     ab--ef--ijk--n-p-r-t-- XDcWHwDwVTOLcIcEcBcTBcRLwXKcCeHwXOCe
572        trouble     a-cde-ghi-k--n-p-r-t-- CwONcJcDcPKcLcRNeWUOTGeMcIeGcJe
546        trouble     abcde-g-i-k-mno--r-t-- JcIcMcLwDeWGeRCcGeSPKwJwAeQTWJcQQREcEeNe
728        trouble     a-c-e---i-k-mnop---tu- XTOEwVHwSCwJeIcSMwXHcHwIcHwBwJcWCe
93         trouble     a-cde-ghi-k-mno--r-t-- TPUNwEcFwKcPRSMeMcNePLcUSDeQXXNwJeMwEwQ
522        trouble     a-c-e-g-i-k--nop-r-t-- FeAeFwMcQFwNeEwDwPWRTBcSGeAeBeSOAcBcKe
54         trouble     abcdef--i-k----p-r-t-- TNcHeKcOFeTPGeLeJeOSHeTFwKcRMeKcV
772        trouble     a--de---i-kl-n-p-r---- BwRNeIeTXFcTAcVAwDeCwDwAeWHwXIcWWAcJeVNc
438        trouble     ab-def-hi-k--n-p---t-- NwQLwSDwAwQFeOLeONeWCeHcKwGwGeFe
158        trouble     a---e---i-k-mnop-r-tu- CcKeOEeRCwFwEcHwWSBwREeIcVFeJcAwTDcHeCwLcVIe
`,
].map((list) =>
  list
    .trim()
    .split('\n')
    .map((row) => row.slice(0, 11).trim()),
)

/** With edges that lie: every two lies at once. */
export const LYING = ['93 lying', '288 lying', '24 lying', '2 lying', '86 lying', '35 lying', '62 lying', '8 lying']
