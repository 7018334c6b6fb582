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
144 beside trouble     a-c-e---i-k--no--r-t-- VDeGwPQSPQMeGwDcLwDwRNwBwRCwXEcHc
2062 whole trouble     a-c-e-g---k-mn-p-r-tu- HeVBwAcXUCwWJcWWWUAeUMeKwWRWVOBcWWJwW
4462 whole trouble     ab--ef--i-k--nop-rstu- BeVBeHeRFwBwOFwWKcXLeKeLwLeKwAcXQRWEw
5976 whole trouble     a---e---i-k--n---rs--- DwRBcCwSRPQKeCwLeWQBwDeHwDwFwW
8552 pairs trouble     a-c-e-g-i-k-mnop--stuv CcDcBwOHwXVFcJeWHcFeWNeIeDeMcUDcGwEcDeV
80 beside  trouble     ab--ef--i-k-mn----stu- PVTQLeQJcDcAeJwHeFeJeGeGeKwEeMcPNcJw
26 beside  trouble     abcde-g-i-k-mnop---tu- BeNcLwEeJcLcIcEeEcLeLeIcNcIeMeVCcOTUVJc
262        trouble     a-c-e---i-k-mnop-r---- MwEcURTDcDwEwCwAwLwDcAeJcRMcEcMcIeTGeIcJe
318        trouble     abc-e-g-i-k--no---stu- EcLwEcDeTHcEeHcMcQSMwHeKeVBeVMwWVTUHwBwCwMc
22 beside  trouble     a-cde-ghi-klmnop--st-v TEeBeMwKwNeMcPNcHcNcVJcSIcQCcHeGcXUCc
44         trouble     ab-de--hi-k-mn-p---t-- NeCwKwHeHcUPBeJeAeGcNcOXFwKwXQFwUGcHeLe
254        trouble     ab--ef--i-k--n-p-rst-- BcTLcWGwSGcIeXAeVFeRFwTIwOIeWDwONwLwW
337        trouble     a-cde-g-i-k-mnop---t-- EeQWWOGeMwAwJcJeJcTEcSNwKwNeWEcMeFeUDwKw
114        trouble     ab--e---i-k-mnop-r-tu- AeTEcIwKwUOXVRWODeJwPKeKwRIeHcSDcEcLwVDe
364        trouble     abc-e---i-k-mnopqr-tuv WPRTRMwVBeIcWIcTFeSLeXJeVCeTDcUUWEc
452        trouble     a---e---i-k-mnop-rst-- GcRUWFwTAcDeAcREeJwNeSTQFcOKcPR
5 beside   trouble     a-c-e---i-k--nop-r-t-- JwDwLwOEeCeIcIeBcMeVRDcKcDcEwCcBwVDwMeAcKcSFwFwIc
113        trouble     a-cde-g-i-k--nop---t-- SAeMwUQCwMeFwXNwBwDeKwEcKcDcJcCwCwQGcKc
306        trouble     ab--ef--i-k--n-p-r-t-- KwLwBcKePAeOROWWAeTWXLwWWFwDw
37         trouble     abc-e-g-i-k-mnop--st-- CeLePSEcTXKcGeQWMeIwSJwEcXMcIcDwPKeIwLe
437        trouble     abcde-ghi-k-mnop---tu- AcQAeWBeWMeCeNwMeMwNwNwFwVEcJcTBwHwEeLeJwP
377        trouble     a--de--hi-k-mn----st-v JeGeWPIeDwQXOVSGeKwTNcQULwTOGwGcLcMwFe
498        trouble     abcde---i-k-mnop-r-t-- UNcSLcPHcRIcRGeGcLwGwKeMwLwEeCcWBcJwFeIw
101        trouble     a-c-e---i-k--nop-r-t-- OBwRAcEcEcIwPUPWRMwUWKwWJeQ
594        trouble     a-cde--hi-k-mnop---t-- IeDeJeVDcBwFcGwPAwCcJwTNeWGcMwOFwCcHcEe
14 beside  trouble     ab-def--ijk--no----t-- NeVHeLeIcUOQEwTJcVLcBwUOIcKcCe
456        trouble     a-cde-ghi-k--n-p-r-t-- HeGeSSUXMeONcIwAcMeSCwRQO
796        trouble     a--de---i-k-mnop-r-tu- RHwAePEeUDeVPMeIeEcJwHcSOAwVRNc
13 beside  trouble     a---e---i-k-mno--r-t-- DwDwXQXJcRAeKwQIeSNeXHwRMeAeIwEwGcBePGwDwS
705        storeLoss   a---e-----k-----q--tu- XPVXYPZXPVXPVXYPVXPVXPVXYPV
734        trouble     ab--e---ijk-mn---rst-- GcFcFwWUKcRSDwVJwHwTPUCwSRDeLwX
25 beside  trouble     ab--e---i-k-mnop-rst-- LeDwEwFwMwQBeBeXJcUBwORREcTTVLcR
38         trouble     a-cde-g-i-k--nop-r-tu- VMeKcDcKcOCwRMcNeVIcURBcURCwOREwTCcBw
666        trouble     a-cde---i-k--n-p-rst-- DcMwIwWKcHeFwXPSFcIcDeMwBcNwRXGeHcVGc
733        trouble     a--de---i-k-mnop-rst-- EcEwBwJcUQCwVRWKcJeOCePNeDwDcQNcQ
678        trouble     a-c-e---i-k-mn-pqr-t-- MeDeSBeWQRDwDwCwWUXVOTJeJwUBw
265        storeLoss   a---------k----p---tu- XPVXPVXPVXPVXPVXYPVXPVXPV
5          storeLoss   a-------i-k-----q--tu- XYPVXYPVXPVXPVXPVXPVXPVXPV
632        trouble     abc-e-g-i-k-mnop-rs--- EeBeGwJcCcWTHcGwAeWDwUMeJwXTGeWLeR
342        trouble     abcdefg-i-k-mnop-rstu- DcBeWWTAcFcJwPLeJeMcUEcOVMwNwDcLcBwVGwRBw
1          trouble     abc-e-g-i-k-mn-p-r-t-- DeXDeAeTOHeJeFcLcQIeRMwODwDwHeWKwHw
715        storeOutage a---e---i-k----p---tu- XQVPXQPXQPXQVPXQP
395        storeOutage a---e---i-k----p--stu- XQVPXQPXQVPXQVPXQP
735        storeOutage a---e---i-k----p---t-- XQPXQVPXQPXQPXQP
10         stillness   a-------i-k----p--s--- 
587        trouble     abcdefg-i-k--n-p-r---- BeSWWMcQLeNwHcQWJwNcWCeSUFeCeKwHcR
423        trouble     ab-de-----k--nop--stu- GwEwBwDwFeCeHeBwVKcLcCwBcDcDeVFwMeNcX
79         trouble     a---e---i-k-mnop-r-t-- UCcSDcDeKwEeNeOXAcJwDwRIeXKcWHwEePXAwBwAe
612        trouble     a-c-e---i-k--n-p--stu- JeMeTWTSVGcAcPWAeJeWHcAeVGwIeGwAcDeUO
4 beside   trouble     a--de---i-k-mno--r-t-- EcDeXDwCcUCeEwGeMwNcJeDePUGcCwPKwRAcCeRGeOMcUEeFwT
57         trouble     a-c-e---i-k-mnop--st-- SMcIwIeXXAwLwOHeJwNwQNwEwSJcGeQHcFcKwSKw
232        trouble     abcde-g-i-k-mno--r---- WSDwRWIcDwTNeSMcCwDcGeTLePHeJeKeJeLeEe
246        trouble     a-c-e-g-i-k--n-p---t-- IwFeHwBeAwMwUFcAwNcSOIcQLcBwDeIcXKwXFePMe
526        trouble     a-cde-g-i-k--nop------ EcKwUCeHwDcKcNeWHeKcEwIcSGcKwMeKwMeBeAwGcUDeNcT
442        trouble     abcde-g-i-k--nop-rst-- CwRFeLeRXWTNeEcRHcQMwUOQFeDcJcTRMwSLe
432        trouble     a-c-e---i-k--nop-r---- EeJeQIeCeCeXJeSMcHeWHeAcDwMeDeKwKcBcLcRJe
629        trouble     ab--ef--ijk--nop---t-- DwWKcVTBcTHeAcIwKcOFcLcIcSQWLcQWPEw
42 beside  trouble     a--de--hi-k--n-p-r-tu- OMcNcVCcSFwAeRCeVTUSPKcGcDeRIeRPLc
332        trouble     abcde-g-i-k-mnop-r-t-- HeVLeLeNeAcDcRVSTTJcVMwXOEwBw
301        trouble     a---e---i-k-mnop-rst-v AwJeOQVQJwWCcFeDeEcWRUDcWWOGeEwIwGw
`,
  `
270 beside trouble     abcde-g-i-k-mn-p---t-- KwPFwLcHcAcQPNcOHeMwVPAwNwJeFw
4301 whole trouble     a---e---i-k--nop-r-tu- DwEcUNwOWDcKwQNwWQOVKcEeEcBeSRDeHeX
5698 whole trouble     a---e---i-k--nop---tu- IcDwOVWAeHeCwEcDcVIeCcXWAcKwAwVKwCw
7674 whole trouble     a---e---i-k-mnop-r-t-- HwODcRWBwAwXJeWFePWEeIwHeJeJe
20 beside  trouble     ab-def--i-klmno----t-- TBcDwMwNeGeUAcGwEeSDcUTLcXLeGeJwBwNcCcP
534        trouble     abc-efg-i-k-mnop---tu- LeDwQPHeGeTMeIcKeQFwVMwJeEeLeTO
217        trouble     a-cde-g-i-klmn-p-rst-- FcWRRTTKcHcBeXMwOAeIcIeLeSBcGcXPIwNeJwIe
362        trouble     abc-efg-i-k-mn-p--stu- MeCeJcAcCeAcUDwSPBcCcVVOLcOIeT
608        trouble     a-cde---i-k--nop-r---- EeWHcUNwFwEwMwTIwFwWMcCwSNeLwPMeUEeR
258        trouble     a-cde-g-i-k-mn-p-r-t-- NwNwMwKwDwRTKcJeHcSIwKwBwXWUOMwP
49 beside  trouble     a---e---i-k--no----tu- XDeEeIeOFeQTGwQXDwVUSCwFwGwDcQ
473        trouble     ab-def----k--nop---t-- OXSPWLeQFwBeNwTHcPWVBwBwOEcUDeCcO
717        trouble     abc-e-g-i-k-mn--qr-tuv KcJcJeGcTRWFeCcAeIwDeJwVVVLwKcIeMwCeMcPR
10 beside  trouble     a-c-e---i-k-mnop-r---- TDcDwGcHwDeFwJeJeMeGcEcEcHeJeRMwBwFeHe
336        trouble     abcde--hi-k--n-pqrstu- RLeNcAcSIwHwDcHeXBeVVIcMeNeDeBeQPAc
424        trouble     abc-e-g-i-k--n-p---t-- HcAeLcAeIwPWSXTOFcMeXPCeLeCeEc
649        trouble     a---e---i-k-mnop-rst-- RJcUWJcWQTKwDwTEwLwJeLwPQ
458        trouble     a--de---i-k--nop------ UPDcWXEwCwFwUUFwSUIwSVAePUXIeIwIwQQNc
77 beside  trouble     abcdef--i-k--n-p-r-t-- IeRXNwHcCcQRPFwHcLwFeAwVGcFeKcVMeX
693        trouble     ab--e---i-k--n-p-r-t-- IeQGeLcUDcLwXWWKwOLwXRAwIeT
573        trouble     a---e---i-k--nop-r---- DcRAcMcQHcQAcEcEePEeEcSQURHe
544        trouble     ab-de---i-k-mnop-r-tu- WAcOGcLwTAcEwGwAcOJcHwRBeLcLeBwSNeVDw
446        trouble     ab--e---i-k--nop-rs--- DwNwRXWAcXLcSEeRKwKcEeXRHcVHc
157        trouble     abcde--hi-k--n-p-r-t-- KcSNcCcFcBwCwMeMeKwWHwBcKcURNcLeQFeCcWKe
648        trouble     ab-def--ijk--nop-r-tu- REeQIwWUXBcMcUTNcCeLcIcVKwIeLeQO
797        trouble     a-c-e---i-k--nop-r-t-- WDeGcSMwDcSEcIeRWXVQPJcDcCcHeT
536        trouble     a-cde-ghi-kl-nop-r---- GwWDcWMeQWAeFeIeFeAcRCcRNcEcFcWSVDc
771        trouble     a-cde-g-i-k-mnop---t-- NeWKwOLcJcFwPLwGeGePLcJcEeIeMeQDcNcQ
786        trouble     abc-e-g-i-k-mno-q----- XMcLwAcDcHeDwXJwVXLeEwKeUUSPWP
529        trouble     a-c-e-g-i-k-mn-p-r-tu- VTWUBcPGwVRAcDcJeKcGwSWNeMcTAcFwXKcWMw
569        trouble     a-c-e-g-i-k-mnop-r-t-- RRXQMcPIeEwJcFcOBeROMeREeCwWDc
521        trouble     a--de--hi-k-mn-p-rstu- FwNcRGcKwBwVJeQNeKcDcHeCwWDcBeUFeQJeBeAe
586        trouble     ab-de--hi-k-mn-p---tu- DcWSQSJwWJwTOLeAcAwHeNcHcDwFcVNePGc
525        storeLoss   a---e-----k----pq-stu- XPVXPZXPVXYPVXYPZXPVXPVXPV
357        trouble     a-c-e-g-i-k-mn-p---tu- XDcJwHeWTBcSOCeMwQPQTXWWVGcMcX
652        trouble     ab-de---i-k-mnop-r---- NeIwFwDwJcGcLwCcDwPRWSBcSIeRDwCeDeLcEeNw
2          trouble     a-cde-g-i-k-mnop---tu- TVFeWEcMeQPLeKcUAwBeWNwJwJeIeDe
752        trouble     abcdef-h--k-mnop---tu- OJwVLcEwKwMeFcVNcUNwPAeLwGcNcOLwKeKe
704        trouble     a--de---i-k-mn-p-r-t-- OKwFwJcRBeKeKcXXKcFcXDcNeDcBeJwRGe
325        storeLoss   a---e---i-k----pq--tu- XYPVXPVXPZXYPVXPVXYPVXPVXYPV
605        storeLoss   a---e---i-k-----q--tu- XYPVXPVXPVXPVXPVXYPZXPVXYPV
78         trouble     abcde---i-k--n-------- NeAcMwIcLwDwQJeHeAeMwHwWKwUCwVXBwCeNeKeS
286        trouble     a---e---i-k--n-pq--tu- WKwIwVODeDcUKePFeQSIeFcGwPIeHwWHwBe
54 beside  trouble     abcde---ijk--nop-r-t-- RLcIcCeONcDwPUMeXTHeXXMcKcEcLwIeNcFc
775        storeOutage a---e---i-k----p--stu- XQPXQVPXQVPXQVPXQP
575        storeOutage a---e---i-k----p---tu- XQVPXQVPXQPXQPXQVP
255        storeOutage a---e---i-k----p--stu- XQPXQVPXQPXQPXQVP
20         stillness   a-------i-k----p--s--- 
311        trouble     ab-de---i-k--n---r-t-- PKcTSWLcXHcWQFeBeFwQCeUNeRKeNwWUKe
379        trouble     abc-ef--i-k--n-p-rs--- BeIcAcAwDcKeLwNcPRAcAcUVLeDwTWWVMeAcDeFc
53 beside  trouble     a-cde-ghi-k--n-p-r-t-- THeDwAeBeHeKeMcVCeHcKwBeUXNwCeMcPRSUNwDeOGe
554        trouble     ab--e---i-k-mnop-r-tu- KcLcCcQSMcDwJcMwFeVLeWSEcKwTCeFwPJeVKeIcRBc
464        trouble     a--de---i-k--nop---t-- WSDeWEwWDwAcGcEcMeIwMcXEcDwHeEwCwOBcNeAeAeWNc
297        trouble     ab--e---i-k--nop-rst-- IcVIcFcWOWLcEcOLcFwXQPWCeXLcFwBwTGcWRGw
496        trouble     a-c-e---i-k-mnop---tu- JwFcEwDeTKwXODcUNeCeGcSLcUGcOVAwMeWUBc
517        trouble     a-cde---i-k--n-p-rstu- QRDwTFeTUPNwDeBcBcDeVPVUIwMwKwNcSUHe
193        trouble     a---e---i-k-mnop---t-- AeDwUAwEwOHeJeAwLwHeVHeHcPBeHeQAcJcJwFw
309        trouble     a-c-e---i-k-mno--r---- GeIcKwPQDeSMwEeBcWFwGcHeEwRKeHeGwCeBeJeMe
253        trouble     abcde--hi-k--nop--st-- UKcAcTQWEeNcKeOSOIeHeNwQEeKeMcLwGeT
6          trouble     ab-def-hi-k-mn-p-rst-- JwUNcRNwPKcPFwKeCwVHeIwDeWKeIcDeLcGc
`,
].map((list) =>
  list
    .trim()
    .split('\n')
    .map((row) => row.slice(0, 11).trim()),
)
