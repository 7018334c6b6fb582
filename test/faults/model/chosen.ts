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
2062 whole trouble     abcde-g---k-mno--r-tu- HeVBwAcXUCwWJcWWWUAeUMeKwWRWVBcLeJcVNeAePEc
4462 whole trouble     ab-de---i-k--n-p-rstu- BeVBeHeRFwBwOFwWKcXLeKeLwBcBeXOSNcT
5976 whole trouble     a---e---i-k--n---rs--- DwRBcCwSRPQKeCwLeWQBwDeHwDwFwW
8552 pairs trouble     a-c-e-g-i-k-mnop--stuv CcDcBwOHwXVFcJeWHcTTGwMeGeXQPVEe
13 beside  trouble     ab-def-hi-klmnop-r-t-- DwEeSSOCwIcLwNwFwKeSJwTBwRSLeSGeFeGeSKwGwCw
681        trouble     a-c-e---i-k-mnop-r---- IcAcXAcCeJwHwVHwIeJeEwJwRXJeAwXWCeDwWMcTJcDw
426        trouble     a-cde---i-kl-n-p--stu- IeFeNcQWMcFcVWPWPWNcUNcBeIcGcMc
102        trouble     a-cde---i-k--nop---t-- WSNcCwEwUDcHwTDeXFeAwAeAcTHcUBeMeKeWHeOMeDw
17 beside  trouble     abc-e---i-k--nop---t-- McXLcIeHcDcSGcIeOUEeHeCwTFeEeGcHeJwQ
214        trouble     a---e---i-k-mn-p---t-- UGeTDcDcJePGcAcDwDeTQOAcJcWQPBeUIeNeCcJeQAwDe
70 beside  trouble     ab--e---i-k-mn-------- LcCeMeBwCeLcMwMwJeCeVKwQQFwGcQBcCwNwQVQCe
181        trouble     ab--e---i-k--no----tu- IeEwUQLcTCeTPCcFcDcXDwSEwFwKwDwPIeV
82         trouble     a-cde-g-i-k-mn-p-r-tu- JeWWIcSPDwDwNcJcJcFcMwGeNeDwMeJeIcWRGcOWGwV
318        trouble     ab--e---ijk--no---s--- EcLwEcDeTHcUUIwLwKeAwKwUHcKwAeCcJcHcBwWNc
473        trouble     a-cde-ghi-k--nop---tu- WPBwOKeXEwMwPCeEeVCeDwNwNcEwAcXQBeJwS
534        trouble     abc-e-g-i-k-mn-p---t-- LeDwQPHeGeTUMeOIcJeAeBeLeFwUOS
5 beside   trouble     a-c-e---i-k--nop-r-tu- JwDwLwOEeCeIcIeBcDcTVFcGcAwRPDwMeEwVFeR
266        trouble     abcde-g-i-k--n-p-r-tu- IcKeHwVXFeRLeMwDwGeOVXUNcXUTKeWIeUFe
54         trouble     ab-def-hi-k--n-p-r-t-- TNcHeKcOFeTPGeLeGeRGcKeNcQPTAeBcRGwNe
432        trouble     a-c-e-g-i-k--no--r-t-- EeJeQIeCeCeXJeSMcHeQORXWHwRMcAwWJe
469        trouble     abc-ef--i-k-mno--r---- IwHeLwEwKeQULcXWJwCeNwRQUVJcVKcMe
564        trouble     a---e---i-k--nop---tu- KcSWPEeXTVIeVOBcUDePSFcQIcIcKeKeGwBcNe
1 beside   trouble     a-c-e-g-i-k--no---st-v EeVCeHwGeMcQDwFeAwJwQOXOVULcDw
794        trouble     abc-e---i-k--nop---tu- HcWSXFcEwFeMcHcSCeVWIeHeOFeKeWLcLcS
572        trouble     abcd--g-i-k--nop------ EcWVNcLwWMcBcTDeFeBcEcVWXXWAcIcVQS
353        trouble     ab-de---i-k-mnop--stu- JwDwCwAwGwFwNcWJwVUIwJcXSWAeEeOLw
42 beside  trouble     a--de--hi-k-mnop-rstu- NwJwPEcIcNeDeBeRFwJcTKeVTBcCwCcRIwDeHe
134        trouble     a-cde-g-i-k-mn-p-rst-- XUMePRXSGwPNeJcGwWWMcFcGwCeNcEcHc
733        trouble     a--de---i-k-mnop-rst-- EcEwBwJcUQCwVRWKcJeOCePNeDwDcQNcS
616        trouble     ab--e---i-k-mn-p-rst-- IeTLwJcAcWODcAwKeSHcUTSRGeRXBc
525        storeLoss   a---e-----k----pq-stu- XPVXPZXPVXYPVXYPZXPVXPVXPV
21 beside  trouble     a-c-e-g-i-k--nop-rst-- VKwMcQUEeTLwREcQGwMeBeCwPDwKcHeMwQOLc
429        trouble     a-c-e---i-k--n-p-r-t-- DcKeRQMeLwODcSKcSFwUFwRHwTWRXCwUIw
13         trouble     a-cde--hi-k-mn-p-r-t-- PXDwUNcGeMcJcWTWWRURNcCcOJeQHw
276        trouble     ab-def--i-k--no-q--tu- WKwLeBwQCwQWJcKcEwIeWKwVIcDcAcCcNcUAcWEe
265        storeLoss   a---------k----p---tu- XPVXPVXPVXPVXPVXYPVXPVXPV
5          storeLoss   a-------i-k-----q--tu- XYPVXYPVXPVXPVXPVXPVXPVXPV
60 beside  trouble     a-c-e-g-i-k-mn---r-t-- SDwMeHeGcCcRHeNwQKeTMeNeJeGwEcXKeU
786        trouble     abc-e-g-i-k--nop---t-- XMcLwAcDcHeDwXOSEeSJcBwLwPDeFwNwCe
775        storeOutage a---e---i-k----p--stu- XQPXQVPXQVPXQVPXQVP
155        storeOutage a---e---i-k--------tu- XQVPXQVPXQPXQPXQVP
735        storeOutage a---e---i-k----p---tu- XQPXQPXQVPXQVPXQP
10         stillness   a-------i-k----p--s--- 
731        trouble     a-c-e---i-k-mn-p-rs--- VFeXIeJeUJwKwMcUKwPMwBeAeRHeRJwIwHe
471        trouble     a--de---i-k-mnop-rst-- KcAwQDcBwDwPGcEcWKwKwRWWNeKwUJeWWEcW
343        trouble     abc-e-g-i-k--n-p-rstu- WXKeHwGeBeWDeLwRTRIeUUMcRXOFcVRU
728        trouble     a---e---i-k-mnop---tu- XTOEwVHwSCwJeWCcBeIeTPDeBwFcXCcCwJwAwNwUBw
158        trouble     a---e---i-k-mn-p---t-- KcFwLwDwGcAwDcGwFcFwMwXDwXJwPTQBcGcJcTTBcBc
597        trouble     a-cde-g-i-k-mnop-rst-- DcVGwNeMwRLcWLcNcWEwMwAwDcRQOJeQUDcUKwXW
742        trouble     a--de---i-k--nop-r-tu- WIeNwGeWHwXAwOTRUTVEeFwAwOCeSIeEcVWGcU
509        trouble     a-cde---i-k-mnop---t-- HcXHcWBcQXUEwAeJwDwGeMcNcTSHwBwOEcEeAe
689        trouble     abcdef--i-k-mnop--s--- VBeHcDeEcDcNcHeGcKeHeTWKcMwXJwNeFwEwLeQTBw
761        trouble     a--de-g-i-k-mn-p-r---- JwMwIcCwQRBwGwWIcFeRSVNwRRAcWIcWUHeRFc
264        trouble     ab--ef--i-k-mnop-r-t-- JwOMcBcXKeJwEcVKeWLeDcPDwSIcPXNcNcUKeAeRKwGw
401        trouble     abcdef--i-k--nop-r-t-- RUPNcGwGeLwVPIeMeLeEeTWCcBcAeCeEcQ
154        trouble     a-c-e---i-k--n-p-r-t-- AcAwPSUQLeOKwNcDcLcXJcMeFwIcHcDcHwRHc
270 beside trouble     abcde-g-i-k-mn-----t-- KwPFwLcHcAcQPNcOHeMwVPAwNwJeFw
406        trouble     a-cde--hi-k-mnop---t-- JeBeIwNwODwWXODcOWMeUSWPEwQCwWX
402        trouble     a-cde---i-k--n-p---tu- KeOGcTHcNcXWTQIePAcVWKcMcMwNwKcQKe
`,
  `
270 beside trouble     abcde-g-i-k-mn-----t-- KwPFwLcHcAcQPNcOHeMwVPAwNwJeFw
4301 whole trouble     a---e---i-kl-nop---t-- DwEcUNwOWDcKwQNwWQNwODeHwHcKeTEcS
5698 whole trouble     a---e---i-k-mn-pq--tu- JwAcBwAcFwHwTPGwFePJwXVXAcPAwSHeDeHc
7674 whole trouble     a---e---i-k--n-p-rst-v HwODcROQSXXVNeDwAeMwDcDeAePBwT
381        trouble     a--de---i-kl-n-p--stu- CcIcNcTAeUXKeSCwSUTFwDeFwIwXVHwNcSCcTJw
521        trouble     ab-de--hi-k-mnop-rstu- FwNcRGcKwBwVJeQNeKcDcHeCwWHwNeVLwRCcGeEwDcQXIe
292        trouble     ab--ef--ijk--n-p-r-t-- XDcWHwDwVTOLcIcEcBcTBcRLwXKcCeHwXOCe
538        trouble     abcde-ghi-k-mnop---t-- SNcIwGcLcNcODeGeTMcWVBeQWMeEcIwJcKcMeO
608        trouble     a-cde---i-k-mno--r---- EeWHcUNwFwEwMwTIwJwIwWCwAwRTWDcXRDc
26         trouble     a--de---i-k--nop-r-t-- AcNcBeLeGwPCeUVGcTSRAeXUBcUIeEwBcHcSDwW
652        trouble     a-cde-g-i-k--nop---t-- NeIwGwMcMeMcKwCcEcODwPMwLwBeAeXLwXMw
573        trouble     a---e---i-k--nop-r---- DcRAcMcQHcQAcEcEePEeEcSQURHe
544        trouble     abcde---i-k-mn-p------ FcCwDcBwLwSLeFwQJcTNcVKwJeCwJwMcTDeAe
396        trouble     abc-e-g-i-k--no--r---- SGwEwRLcKeKeVLwUXXMeTGeUAeUBwTKcEc
404        trouble     ab--ef--i-k-mnop-rst-- HeSPWLcEwWQBeHwCeHwEwAcVRXJwNwMc
306        trouble     abc-ef--i-k-mn-p-r-t-- KwLwBcKePAeOROWWAeTWRSHeMwJeW
2 beside   trouble     a---e---i-k-mn---r-t-- IePHcIwGeDwJeCwQDcNcHwQBeAeNeGcRXUCe
324        trouble     a--de---i-k--nop-r-t-- RBcNeGwRFwRBcTCwSEcIeOQWGeHeBcWAc
668        trouble     a-cde--hi-k--no----t-- AePKcMcUNwEcCwKeCwMeDeNwUIePUIeUPDe
26 beside  trouble     abcdef--i-k-mn---r-t-- BeNcLwLwJeDwPAcLeBwLcMwRTIcAcTUDcHeCcDcEwGeTSMw
466        trouble     abc-ef--i-k--nop--st-- MwSSWTLeWXDcPEwWPDePBeOEwDwXAw
749        trouble     abcde---i-k--nop-r-tu- KwRXXKwWIeCeXGwHeCwLeDwXOVNwFwEwMcMc
16 beside  trouble     abc-efg-i-k-mn-p---t-- HwQFwJeCcIwCwTHwXMcFcGeOQAwAeUXHwRLwO
694        trouble     ab-de---i-k-mn-pqr---- DwDcJeLeRVTSJcVHwWDeNwFwHwKeBc
626        trouble     a-c-e-g---k-mnop-r-tu- PEcVFePRJeCwOEwJeBwCeSOKcJeKeJeMeO
326        trouble     a-cde---i-k--n-p-rst-- NcVIeDwSURBcTNeNePUDeUULeWMeFcFeWMc
352        trouble     a---e---i-k-mno----tu- BwTDcQGwBcGeTVHcDcCwJwDcMcXEwTXCcBeCeFeS
65 beside  trouble     ab--ef--i-k--n-p-r-t-- AcAwOIeBeHeLcVBeQNcXDwKeULwTFwGwDcAwPRHw
24         trouble     a-c-e---i-k-mn-p-r-t-- AcFcWAwVJcWXGwHcIeKeJcMwRLcWAcLcDeOLwU
698        trouble     abc-ef--i-k-mnopqr-tu- CcUJcGeSBeLcKeOMcRFcOMcSVMeWIcDeVFeHwEc
9 beside   trouble     a-c-e---i-k--nop--stu- TFcTODwDwUQOGcKeLeHeVEcEeLeAeHwMcIeAwP
162        trouble     a---e---i-k--nop-r-t-- EeRWKcBeGcWWGwOSREcIwJeAeVIwDwDeAcAc
313        trouble     ab-de---i-klmnop-r-t-- OWTLwRDwHcVFwCwJwEwUAeWBeNwUGwU
417        trouble     a-cde-ghi-k-mnop---t-- WJcMeQCcLcKwGeSEcDcNcNwAcMeNwUAeTOKeDcKc
745        storeLoss   a---e---i-k----pq--tu- XPVXPVXPZXYPVXYPZXPVXPVXYPV
22         trouble     a-c-e---i-k-mn-p-rst-- FcUTMcJeKwXDeODcDeAwCwFwAwKwRUGeSU
697        trouble     abc-e---i-k--n-pq-stu- OFcIwVWVWHwVXQXWDwLcUHeDcFwMeGwSXBe
38 beside  trouble     abc-e---i-k--n---r-t-- DcBwLwRMwBeMeRPQSSDwGeQVMcCwNcHw
345        storeLoss   a---------k----pq--tu- XPVXPVXPVXPVXPVXPVXYPVXPV
605        storeLoss   a---e---i-k-----q--tu- XYPVXPVXPVXPVXPVXYPZXPVXYPV
77 beside  trouble     a--de---i-k--n---r-t-- IeRXNwFeSQQFeKcTCePIwQCeKwDcDwDw
369        trouble     a--de--hi-k-mn-p-r-t-- JwOKeAcFcNeJwRHwOAcXWRJePDeRTIcOQDwMwGw
398        trouble     abc-efg-i-k-mn-p---t-- PJeSUXIwXFcLwHwPJcWJcDcMwLcDwWDwMcEw
715        storeOutage a---e---i-k--------tu- XQVPXQPXQPXQPXQP
275        storeOutage a---e---i-k----p--stu- XQVPXQPXQPXQVPXQVP
435        storeOutage a---e---i-k----p---tu- XQVPXQVPXQVPXQPXQP
20         stillness   a-------i-k----p--s--- 
407        trouble     a-c-e-g---k-mnop-rst-- VKcPMeKeJeEcKeOUCwJeHcRCwAcBcWGeT
363        trouble     a-cde--hi-k--no--rst-v WJcEeMwNwNwOVQHcRDwVLwAwPJeRWGw
79 beside  trouble     a-c-e---i-k--n---r-t-- QIeIeAwDeRNeMcHeQKePKeHwQKcAeAwIwDe
758        trouble     abcdef--ijk-mno--rstu- UWGwDeWJwBwCeIeJcRLeEcVMwHeIePFcKwEwSLeNcAe
122        trouble     abc-e---i-k--n-p-rst-- MeRCcLwIeHwIeHwOWBeQURAwUKwXTW
69 beside  trouble     abcde---i-k--no----t-- EwPGeMeEcLwMcMcOTHwDeKwIwNwAeTBcKc
176        trouble     a--de---i-k-mn-p-r---- JwVFcSFcIcRNwAcVFcKeDeHwDcFeJcAcNcDcGcWUV
52 beside  trouble     abcdef--i-k-mno----t-- FeXLwODwJeSHeNeEeDwCeHeAwMcGwBeTX
182        trouble     abcdef--i-klmn-p-rst-- JwQJwFcRLcGwCePQIeSBcAeHcNwWPXIwGeMe
562        trouble     a---e---i-k-mnop-rst-- GeRPWRCwOEeFeBeFwFeEeJcFwTHwSLeXEwSEeO
153        trouble     abcdefg--jk-mnop-r---- EeFeMcDcUEcCwTMwMeXQRVIcLcWAcVCwJcNeLwAwDeQMwMe
18         trouble     ab--e---i-k-mn-p-r-t-- SDeAwKeRCwCeAwWIeDwIwIcBwVWPGeKeLcUKcJeOTR
66 beside  trouble     ab-de---i-k--n-p--st-- LwDwDcHwBcXPCeKwBcGcMcFeHcNeOKwQFw
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
