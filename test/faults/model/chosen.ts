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
46         trouble     abcde--hi-k--nop--st-- LePWIwLcBcJwJwGwOBwCwFcEcODwQSHeCwHcKeNwMeWKeLw
608        trouble     a-cde---i-k-mnop-r---- EeWHcUNwFwEwMwTIwJwIwWCwAwRTWDcXRDc
176        trouble     a--de---i-k-mn-p-r---- JwVFcSFcIcRNwAcVFcKeDeHwDcFeJcAcNcDcGcWUV
752        trouble     abc-ef--i-k-mnop---tu- OJwVLcEwKwMeKcJwKwEeAwAwHwLeIwTTPFwBwVJwKe
676        trouble     a-cde-g-i-kl-n-p-r-tu- CwNeVIeMcDeMwCwXMcCcFeKcRVXBeTQWQIcGe
318        trouble     ab--e---ijk--no---s--- EcLwEcDeTHcUUIwLwKeAwKwUHcKwAeCcJcHcBwWNc
46 beside  trouble     a---e---i-k--n---rst-- FeDwCeGwPDcKcNcBcFcLwLcVLcDeBwPRGcSIcV
286        trouble     a--de--hi-klmno----t-- UNcPAeIcPCcJcDwDeMwEwNwSJeLePUDcGeKe
432        trouble     a-c-e-g-i-k--no--r-t-- EeJeQIeCeCeXJeSMcHeQORXWHwRMcAwWJe
768        trouble     a--de---i-k--nop---t-- HeGwHeEeONcLwSEcIwXTCeVOXU
632        trouble     abc-e-----k-mnop-rs--- EeBeGwJcCcWTLeWRJcQGwLwNcRLcHcWMeMeP
364        trouble     a-c-e-g-i-k--n-p-r-t-- WPRTRMwOSDwNwXNwKeVDwKwOTKcQV
438        trouble     ab-def-hi-k--n-p---t-- NwQLwSDwAwQFeOLeONeWCeHcKwGwGeFe
5 beside   trouble     a-c-e---i-k--nop-r-tu- JwDwLwOEeCeIcIeBcDcTVFcGcAwRPDwMeEwVFeR
209        trouble     ab-de---i-k--n-p--s--- WSGcTXNcNwSWXTJwTIeAeMeFeBeLw
132        trouble     a---e---i-k-mn-p---t-- KwKeIwDwQBwPKwPIePGcDwUOJeWNeAcHeDcW
669        trouble     ab-de---i-k-mno------- JcGeIwUGwHwEwTSSIeBeVCcUUEeMcGcDcLwNe
294        trouble     a--de---i-klmnop--st-- BwIeDwODePDeBwMwJeKcNcDwIcIcEeSQJeDw
270 beside trouble     abcde-g-i-k--n-p---t-- KwPFwLcHcAcQPNcOHeMwLwNwDeSMwPDw
41 beside  trouble     ab--e---i-k--no--r---- SFeFcAwFeLwXREcEwXUBwDeCwAwLwGcFcUCwTS
97         trouble     a-cde-g-i-k--n-p-r-t-- DeKcCwSAeMwFwMwTUKwAwXSUUSWODeRNwU
2 beside   trouble     a---e---i-k-mn---r-t-- IePHcIwGeDwJeCwQDcNcHwQBeAeNeGcRXIcAc
396        trouble     abc-e-g-i-k--no--r-tu- SGwEwRLcKeKeVLwUXXMePVRQDeSEwMcQVFwMc
581        trouble     abcde---i-k--n-pqr-tu- NeKwLcVVGePPFeVTOQGeCeMeRDwFwWXDcV
49 beside  trouble     a-c-e-g-i-k-mnop---t-- XDeEeIeOFeQTGwQXTTEcJeIwMcAwQMe
573        trouble     a---e---i-k--nop-r---- DcRAcMcQHcQAcEcEePEeEcSQURHe
368        trouble     a---e---i-k-mnop-r-t-- WEcFcIeEeOKcHcIwIwJwWRBwSKeKcSKeW
705        storeLoss   a---e-----k----pq--tu- XYPVXYPVXPVXYPVXPVXYPVXYPZXPV
441        trouble     a--de-ghi-k-mn-------- NeJwMwUCcQTTSBwSIwSDwTWDcCwSGeVWSJc
402        trouble     ab--e---i-k-mnop-r-t-- AeROCeWWWLcBcEcPJcGeDcJcKeFwJwHeNc
136        trouble     ab--e---i-k--n-p---t-- UAwWJwVDcWXJeGeOIcGeMcKeGcSCcLwAwCe
152        trouble     a--de--hi-k-mnop---t-- UXTFcOAeFeQNwEcQSWJwAwKwLwNwHcJe
505        storeLoss   a-------i-k----pq--tu- XPVXPVXPVXPVXYPVXPVXPVXPV
5          storeLoss   a---e---i-k----pq--tu- XPVXPVXYPVXPVXYPZXPVXPVXPV
542        trouble     abc-ef--i-k-mn---r-tu- BwCeUPRAcMwDcPJeDcTLcIwLeJwMcTLwVAcKeR
74         trouble     a--de---i-k--n-p---t-- VNwDcOFePAwTEeHeAcWKwSWPBc
335        storeOutage a---e---i-k--------tu- XQPXQPXQPXQVPXQP
595        storeOutage a---e---i-k----p--stu- XQPXQPXQVPXQVPXQVP
735        storeOutage a---e---i-k----p---tu- XQPXQPXQVPXQVPXQP
10         stillness   a-------i-k----p--s--- 
719        trouble     a-cde---i-k--nop---t-- KwOGePNcBcODeWIeQEcNwMcKeHcHwEwSTIeT
471        trouble     a--de---i-k-mnop-rst-- KcAwQDcBwDwPGcEcWKwKwRWWNeKwUJeWWEcW
343        trouble     abc-e-g-i-k--n-p-rstu- WXKeHwGeBeWDeLwRTRIeUUMcRXOFcVRU
56         trouble     abc-ef--ijk-mnop-r-tu- VHwAeRKcCwCcROMwVXEwWEcIeJcVXWLeDwIeJwHeFeLeSW
214        trouble     ab-def--i-k-mnop-r-t-- UGeTDcDcJePGcAcDwDeTQOAcJcWQPBeUIeNeNcLeEcRLcCeJw
308        trouble     abc-efg-i-k--n-p---tu- BeFwFcCwHwLcUONeGeBeCeFeMwMwOGcDwLeIcMeOVFcDeU
114        trouble     a---e---i-k-mnop-r-tu- AeTEcIwKwUOXVRAePRTWUWIeBcMcJcHeJcEw
794        trouble     a-cde-g-i-k-mn-p------ QDwXKeGcVJcUUTPWJcXMwIcPNcMwTCwFwFcAwKwJe
737        trouble     a-cde-ghi-kl-nop--s--- MeSWHwWSNwEcHeGwNeEeMwIeQSCeVTNeKcEeBc
246        trouble     a-c-e-g-i-k--no------- IwFeHwBeAwMwUFcAwNcEwDcPMcFcIcAwIeDcWRV
33 beside  trouble     abcde-g-i-k--nop--stuv QBcPSQNeLcLeMwOKcDeEcLeVQIwUVAeLcLeHcQDe
509        trouble     ab--e---i-k--n-p---t-- HcXHcWDcPAeWCeSGeWHwTBeXXUOIwLe
306        trouble     abc-ef--i-k-mn-p-r-t-- KwLwBcKePAeOROWWAeTWRSHeMwJeW
492        trouble     a-cde-g-i-k-mnop--st-- HwOBcFwNcIeMwJeSAcFwGwMeQMwEcAeBeNeWMe
689        trouble     abcdef--i-k-mnop--s--- VBeHcDeEcDcNcHeGcKeHeTWKcMwXJwNeFwEwLeQTBw
`,
  `
270 beside trouble     abcde-g-i-k--n-p---t-- KwPFwLcHcAcQPNcOHeMwLwNwDeSMwPDw
4301 whole trouble     ab--ef--i-k--nop---t-- DwEcUPQQSWVUSGwDeLwODwDwQCw
5698 whole trouble     ab-de-----k-mnop---t-- DcAeJwCcSWHcWHwLwPEcCcUHwOWEwXJwXPNc
7674 whole trouble     a---e---i-k--n-p-rst-v HwODcROQSXXVNeDwAeMwDcDeAePBwT
217        trouble     a-c-e-g-i-k--nop-rst-- FcWRRTTKcHcBeXMwMeCeVFwGcEwFeRKwXOKcMcQS
381        trouble     a--de---i-kl-n-p--stu- CcIcNcTAeUXKeSCwSUTFwDeFwIwXVHwNcSCcTJw
65 beside  trouble     ab--ef--i-k--n-p-r-t-- AcAwOIeBeHeLcVBeQNcXDwKeULwTFwGwDcAwPRHw
149        trouble     a-cde---i-k-mnop-rst-- MwRNeIwEwGcRWEcTQOHwEcKwIwCeJwDwEwIcEwEwS
521        trouble     ab-de--hi-k-mnop-rstu- FwNcRGcKwBwVJeQNeKcDcHeCwWHwNeVLwRCcGeEwDcQXIe
122        trouble     abc-e---i-k--n-p-rst-- MeRCcLwIeHwIeHwOWBeQURAwUKwXTEc
574        trouble     a-cde-g-i-k--nop-r-t-- TSRRMeOTNwRSKeDwCeKcRBwBeEwAeMeIcCwTJc
369        trouble     a--de--hi-k-mn-p-r-t-- JwOKeAcFcNeJwRHwOAcXWRJePDeRTIcOQDwMwGw
352        trouble     a---e---i-k-mno----tu- BwTDcQGwBcGeTVHcDcCwJwDcMcXEwTXCcBeCeFeS
674        trouble     ab-de--hi-k-mn-p--st-- VTLeJwGcVIeKcVOJeUAeSUODwIcDwNcWHcAe
642        trouble     a--de--hi-k--n---r-t-- HcRGwFcUXGcPNwBeQNwPDcGeHeUWBwP
666        trouble     a-c-e---i-k--n-p--stu- DcMwIwWKcHeFwOIeAcDeGcXBcXWQFeVMeDeFe
82         trouble     a-cde-g-i-k-mn-p-r-tu- JeWWIcSPDwDwNcJcJcFcMwGeNeDwMeJeIcWRGcOWGwV
517        trouble     a-c-e---i-k--n-p-rstu- QRDwTFeTUPNwDeBcBcDeVPVKeSSQTWMcMc
58 beside  trouble     abc-e---i-k-mno---stu- QBwAwKcVNwEcLcPJcAwVEwGwMcDeKcDcX
686        trouble     a---e---i-k--no------- CcQBwSHcIeVAeAeWQDcUEcVWNcWNcGwIeQ
532        trouble     ab-de---ijk-mn-p---t-- TDeDcTGcPBwNwLcIcNwLeBeXGcAcCcUJcKeKeFe
406        trouble     a-cde--hi-k-mnop---t-- JeBeIwNwODwWXODcOWMeUSWPEwQCwWX
412        trouble     ab-def--i-k--n-pqr-tu- IeBcWBeNwWWKeWLeKeVGeAwFwQPLwDwRVJwOLwR
158        trouble     a---e---i-k-mnop-r-tu- CcKeOEeRCwFwEcHwWSBwREeIcVFeJcAwTDcHeCwLcVIe
597        trouble     a-cde-g-i-k-mnop-rst-- DcVGwNeMwRLcWLcNcWEwMwAwDcRQOJeQUDcUKwXW
717        trouble     a---e---i-k-mno--r-t-- KcJcJeGcTRWTCcIePWSVKeUXWQWEwCeDcAcR
29 beside  trouble     ab--e---i-k--n-----tu- GwSXVLwDcGcKeEwGwOXUVIeCwCwTGwGeAwV
538        trouble     abcde---i-k-mn-p-r-t-- SNcBeNcBcWOMeRLcCwGwJeDwPHwPAcBeHw
489        trouble     a-cde-ghi-k-mnop---t-- JeWMcQSWUWCeHcEcTNwBcFePNeNcWPCc
273        trouble     a-c-e-g-i-k-mn-----t-- CeUMwBwXVIwWXSJwVDwJeDeCwVPHcUDw
548        trouble     ab-de---i-k--nop-r-tu- AwOXCcLwLcEwAwEcWXDcNwLeRMcGwIwVGcLw
14         trouble     ab--ef--i-k-mnop-r-t-- BwWLeJcREcGeOPIeDwAwDcLeUEcOWEeW
324        trouble     abc-e-g-i-k--n-p---tu- SMcCeHcVXFcHwPWVLwPLeHcWTLwIcQTCeT
562        trouble     a---e---i-k-mnop-rst-- GeRPWRCwOEeFeBeFwFeEeJcFwTHwSLeXEwSEeO
165        storeLoss   a---e---i-k----p--stu- XPVXPVXPZXYPVXPVXPVXPVXPV
774        trouble     a--de--hi-k-mnop---tu- CeKwHcNwHwEwHeJwWVVIcEcSCwJeFeWIwS
777        trouble     abcde---i-k--n-p-r-tu- UFcDeWRPVMwFwUVCwDwBcOVVNcRAwLwSW
29         trouble     a---e---i-k--n---r-t-- JePTTAeWSBwDwDcDwAwSUVGwIcSDeIcMcURHw
265        storeLoss   a---------k----pq--tu- XPVXPVXYPVXPVXPVXPVXPVXYPV
305        storeLoss   a---e-----k----pq--tu- XYPZXYPVXYPVXPVXPVXPVXPVXPV
553        trouble     a--de---i-k-mn-p---t-- FwCeCwBwSJwXNcDwKeAwWSWAeXODeFeKcO
709        trouble     abcdef--i-k-mnop------ PQJcNcUSFcWEeLeSHeFeBcEcMw
475        storeOutage a---e---i-k----p---tu- XQVPXQPXQVPXQVPXQP
155        storeOutage a---e---i-k----p---tu- XQVPXQVPXQPXQPXQP
195        storeOutage a---e---i-k----p---t-- XQPXQPXQPXQVPXQP
20         stillness   a-------i-k----p--s--- 
731        trouble     a-c-e---i-k-mn-p-rs--- VFeXIeJeUJwKwMcUKwPMwBeAeRHeRJwIwHe
531        trouble     a-c-e-g-i-k-mno----t-- IwCwQTJwIwOIwEcFcHeDcMeAeBwNcPDwEw
619        trouble     abcdef--i-k--nop---t-- KwHcLwSLcHcDeFwBcEcBwNcVDeULcXPXCwMeOMwUX
758        trouble     abcdef--ijk-mno--rstu- UWGwDeWJwBwCeIeJcRLeEcVMwHeIePFcKwEwSLeNcAe
741        trouble     abc-e-g-i-k--nop-r-tu- BeXNeGeUXODeVLcWUTDeXMcFcKeBcAwHcMeEcR
54         trouble     abcdef--i-k----p-r-t-- TNcHeKcOFeTPGeLeJeOSHeTFwKcRMeKcV
26         trouble     a--de---i-k--nop-r-t-- AcNcBeLeGwPCeUVGcTSRAeXUBcUIeEwBcHcSDwW
68 beside  trouble     ab--e---i-k-mnop--s--- FcFwJeVXVJwEeBeLcIwFwLwEwAcUTAwQQCeBeKwKc
478        trouble     ab-de--hi-k-mn-p-r-t-- AeDwJeAeRCwDwPEwGwWDcJwKwTLwMcWNcNwOWKcDc
516        trouble     abc-e---i-k-mno----t-- PIcMcJcPIcIeSIeTXXLwEwDwWWJwEwNwEw
70 beside  trouble     abc-e-g-i-k--n---r-t-- LcCeMeBwCeBwDcPFeCcTOIwRMcTDwFwKeGcORRHcLc
353        trouble     ab-de---i-k-mnop--stu- JwDwCwAwGwFwNcWJwVUIwJcXSWAeEeOLw
533        trouble     ab-de----jkl-no--r-tu- GcWEeCeHcWVBcQTXAeWLcLeNwIeRIwTHcKwCwCw
53 beside  trouble     a---e---i-k-mno----t-- TKeJcHeAwEePAcBwEeMwXIcPDeDeUGwKwCcMc
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
