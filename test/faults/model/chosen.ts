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
38         trouble     a-c-e---i-k-mnop-r---- VMeKcDcKcEeXEeAwWHwJwJcFwGeRIwEwMcLw
674        trouble     ab-de--hi-k-mn-p--st-- VTLeJwGcVIeKcVOJeUAeSUODwIcDwNcWHcAe
593        trouble     ab-de---ijkl-no--r-t-- TBwWQXIeDeXGeTRPLeDeBeCwEwWNcIcR
122        trouble     abc-e---i-k--n-p-rst-- MeRCcLwIeHwIeHwOWBeQURAwUKwXTEc
16 beside  trouble     a-c-e-g-i-k-mn-----t-- MeGeHwKeGeDcDeJwAcDwLcAcMePGeQLeCcQQJcX
462        trouble     a-cde-g-i-k-m--p-r-t-- GwMwPSMeJwKcPRFcPFwXOTGcFwNcKwS
733        trouble     a--de---i-k-mnop-rst-- EcEwBwJcUQCwVRWKcJeOCePNeDwDcQNcS
554        trouble     ab--e---i-k-mno----tu- KcLcCcQSMcJcEeVSLcJcKwWAwCeHeDcBwVSVMc
46 beside  trouble     a---e---i-k--n---rst-- FeDwCeGwPDcKcNcBcFcLwLcVLcDeBwPRGcSIcV
149        trouble     a-cde---i-k-mnop-rst-- MwRNeIwEwGcRWEcTQOHwEcKwIwCeJwDwEwIcEwEwS
278        trouble     a--de--hi-k-mn-p-r-t-- GcUNeUJwDeLeAcDcODwRDwEeFeTQBwAw
248        trouble     abc-ef--i-k--no--rst-- RBwBwAeLcXRPXOIcSXEcMcAeTHwTEeDeHe
66 beside  trouble     ab-de---i-k--n-p--st-- LwDwDcHwBcXPCeKwBcGcMcFeHcNeOKwQFw
352        trouble     a---e---i-k-mno----tu- BwTDcQGwBcGeTVHcDcCwJwDcMcXEwTXCcBeCeFeS
705        storeLoss   a---e-----k----pq--tu- XYPVXYPVXPVXYPVXPVXYPVXYPZXPV
94         trouble     ab-de--hi-k--nop---t-- DeCcXCwOIwIwCeTPLcUSQAcUEwNcEcQ
52 beside  trouble     a---e---i-k--n---r---- SKePFeUSDcTRQQTUUAcRRV
58 beside  trouble     abc-e---i-k-mno---stu- QBwAwKcVNwEcLcPJcAwVEwGwMcDeKcDcX
609        trouble     abc-e---ijk--n---r-t-- MwWWFwUGeVAeQLwUMcQLcIcURTDc
369        trouble     a--de--hi-k-mn-p-r-t-- JwOKeAcFcNeJwRHwOAcXWRJePDeRTIcOQDwMwGw
16         trouble     ab--ef--i-k-m------t-- HeIcLwVWPIcFeSSPGwQJcHeQFeSHwXX
505        storeLoss   a-------i-k----pq--tu- XPVXPVXPVXPVXYPVXPVXPVXPV
5          storeLoss   a---e---i-k----pq--tu- XPVXPVXYPVXPVXYPZXPVXPVXPV
691        trouble     a--de---i-k-mnop---tu- OAwXAwJcDcHcDwGeAwQBwHeVWTHcNwCcEwSPCeTFe
335        storeOutage a---e---i-k--------tu- XQPXQPXQPXQVPXQP
595        storeOutage a---e---i-k----p--stu- XQPXQPXQVPXQVPXQVP
735        storeOutage a---e---i-k----p---tu- XQPXQPXQVPXQVPXQP
10         stillness   a-------i-k----p--s--- 
443        trouble     a---e---i-k--nop------ DeFwEePXAwQWCcDwDcFeKcEwKwAcXVHe
267        trouble     ab--e---i-k-mn-p---tu- VKwBcIcWDwLeGcHwLcJwXCeJcLcWHwVGcU
56         trouble     abc-ef--ijk-mnop-r-tu- VHwAeRKcCwCcROMwVXEwWEcIeJcVXWLeDwIeJwHeFeLeSW
214        trouble     ab-def--i-k-mnop-r-t-- UGeTDcDcJePGcAcDwDeTQOAcJcWQPBeUIeNeNcLeEcRLcCeJw
276        trouble     ab-def--i-k--no-q--tu- WKwLeBwQCwQWJcKcEwIeWKwVIcDcAcCcNcUAcWEe
794        trouble     a-cde-g-i-k-mn-p-r---- QDwXKeGcVJcUUTPWJcXMwIcPNcMwTCwFwURJeAw
114        trouble     a---e---i-k-mnop-r-tu- AeTEcIwKwUOXVRAePRTWUWIeBcMcJcHeJcEw
689        trouble     abcdef--i-k-mnop--s--- VBeHcDeEcDcNcHeGcKeHeTWKcMwXJwNeFwEwLeQTBw
492        trouble     a-cde-g-i-k-mnop--st-- HwOBcFwNcIeMwJeSAcFwGwMeQMwEcAeBeNeWMe
33 beside  trouble     abcde-g-i-k--nop--stuv QBcPSQNeLcLeMwOKcDeEcLeVQIwUVAeLcLeHcQDe
306        trouble     abc-ef--i-k-mn-p-r-t-- KwLwBcKePAeOROWWAeTWRSHeMwJeW
381        trouble     a--de---i-kl-n-p--stu- CcIcNcTAeUXKeSCwSUTFwDeFwIwXVHwNcSCcTJw
292        trouble     ab--ef--ijk--n-p-r-t-- XDcWHwDwVTOLcIcEcBcTBcRLwXKcCeHwXOCe
246        trouble     a-c-e-g-i-k--no------- IwFeHwBeAwMwUFcAwNcEwDcPMcFcIcAwIeDcWRV
29 beside  trouble     ab--e---i-k--n-----tu- GwSXVLwDcGcKeEwGwOXUVIeCwCwTGwGeAwV
572        trouble     a-cde-ghi-k--n-p-r-t-- CwONcJcDcPKcLcRNeWUOTGeMcIeGcJe
`,
  `
270 beside trouble     abcde-g-i-k--n-p---t-- KwPFwLcHcAcQPNcOHeMwLwNwDeSMwPDw
4301 whole trouble     ab--ef--i-k--nop---t-- DwEcUPQQSWVUSGwDeLwODwDwQCw
5698 whole trouble     ab-de-----k-mnop---t-- DcAeJwCcSWHcWHwLwPEcCcUHwOWEwXJwXPNc
7674 whole trouble     a---e---i-k--n-p-rst-v HwODcROQSXXVNeDwAeMwDcDeAePBwT
217        trouble     a-c-e-g-i-k--nop-rst-- FcWRRTTKcHcBeXMwMeCeVFwGcEwFeRKwXOKcMcQS
18         trouble     ab--e---i-k-mn-p-r-t-- SDeAwKeRCwCeAwWIeDwIwIcBwVWPGeKeLcUKcJeOTR
68 beside  trouble     ab--e---i-k-mnop--s--- FcFwJeVXVJwEeBeLcIwFwLwEwAcUTAwQQCeBeKwKc
728        trouble     a-c-e---i-k-mnop---tu- XTOEwVHwSCwJeIcSMwXHcHwIcHwBwJcWCe
597        trouble     a-cde-g-i-k-mnop-rst-- DcVGwNeMwRLcWLcNcWEwMwAwDcRQOJeQUDcUKwXW
166        trouble     a-c-e---i-k--no--r---- QCwFwMeVKcEcWDcWRPAwNcBeQFwIeREeKeIeWAe
118        trouble     ab-de--hi-k-mn-p------ AcIeLeAwJwVLcSIwUXNcDeFeBePNcTDcQLeRJcNw
534        trouble     abc-e-g-i-k-mn-p---t-- LeDwQPHeGeTUMeOIcJeAeBeLeFwUOS
546        trouble     abcde-g-i-k-mno--r-t-- JcIcMcLwDeWGeRCcGeSPKwJwAeQTWJcQQREcEeNe
522        trouble     a-c-e-g-i-k--nop-r-t-- FeAeFwMcQFwNeEwDwPWRTBcSGeAeBeSOAcBcKe
204        trouble     a-cde---i-k-mn-p---t-- IePGeHwJcNeDeCwXODcCeNwVMwJcCcNePU
564        trouble     a---e---i-k--nop---tu- KcSWPEeXTVIeVOBcUDePSFcQIcIcKeKeGwBcNe
413        trouble     abc-e---ijk--n-p-rst-- HcDwFeTXCwCcFwQOHwMeBeFwCcLcWTRIcMe
538        trouble     abcde---i-k-mn-p-r-t-- SNcBeNcBcWOMeRLcCwGwJeDwPHwPAcBeHw
153        trouble     a--de--hi-k-mnop-r-t-- PXNwAcDeWOKwOBcRDcGeBcPXFwWJcEwGwGe
34 beside  trouble     ab-de---i-k-mnop---t-- OHeDcQKwAwEeDeJcIeHcUSFcSUEeNwOLe
69 beside  trouble     abcde---i-k--no----t-- EwPGeMeEcLwMcMcOTHwDeKwIwNwAeTBcKc
196        trouble     ab--ef----k--n-p-r-tu- WRSTWLcBwPWVTGeLwPVAwOQXVGc
388        trouble     ab--e---i-k-mn---r-tu- LeJwGeJwVCeXUIwCeWJeIwWJeRAcKwQ
60 beside  trouble     a-c-e-g-i-k-mn---r-t-- SDwMeHeGcCcRHeNwQKeTMeNeJeGwEcXKeU
533        trouble     ab-de----jkl-no--r-tu- GcWEeCeHcWVBcQTXAeWLcLeNwIeRIwTHcKwCwCw
618        trouble     ab-de--h--k-mnop-r-tu- AwXRPAcAcEeGcNwNwFwNcQGwOVLeJcDeXV
562        trouble     a---e---i-k-mnop-rst-- GeRPWRCwOEeFeBeFwFeEeJcFwTHwSLeXEwSEeO
386        trouble     ab--e---i-k-mnop-r-t-- LwFwJwGwVPFcCeDcRGwHeEcWODeKcIeQAwQW
262        trouble     abc-e-g-i-k--nop-r-t-- XUGeIwEeLeHeSRMcXBeDcQQOMeDcUKeXR
213        trouble     a--de--hi-k--no--r-tu- NeUUQLcRGeNcEeGcDcTWRVXRHeBeNeX
64 beside  trouble     a-c-e---i-k--nop-r-t-- QMeFwIwFwRDwQFcOMeRIcMcDwEcEc
294        trouble     a--de---i-klmnop--st-- BwIeDwODePDeBwMwJeKcNcDwIcIcEeSQJeDw
25 beside  trouble     ab--e---i-k-mnop-rst-- LeDwEwFwMwQBeBeXJcUBwORREcTTVLcR
452        trouble     a--de---i-klmnop-rst-- GcRUWFwTAcDeAcREeJwNeSTQFcOKcNeV
305        storeLoss   a---e-----k----pq--tu- XYPZXYPVXYPVXPVXPVXPVXPVXPV
481        trouble     a---e---i-k--n-----t-- VIwQCcIwOKwGeBcUKcHcAeDcDeCeBwTPMcBwJeDeLw
473        trouble     ab--e---i-k-mnop------ PDeKwXQUJeKwEcSHwCwSNwDcNwTDwHcXXLw
42 beside  trouble     a-c-e---i-k-mnop-r-t-- CeUQVHeGwBcOURFeLcBcHeIcDcEeJeMcCeIwU
465        storeLoss   a---e-----k-----q--tu- XPVXPVXPVXPZXPZXPVXPVXPV
286        trouble     a--de--hi-klmno----t-- UNcPAeIcPCcJcDwDeMwEwNwSJeLePUDcGeKe
265        storeLoss   a---------k----pq--tu- XPVXPVXYPVXPVXPVXPVXPVXYPV
574        trouble     a-cde-g-i-k--nop-r-t-- TSRRMeOTNwRSKeDwCeKcRBwBeEwAeMeIcCwTJc
584        trouble     a-cde-g-i-k-mnop-r-tu- HcJcRBcXMwWOAeNwRJeEcPVRGcQCw
475        storeOutage a---e---i-k----p---tu- XQVPXQPXQVPXQVPXQP
155        storeOutage a---e---i-k----p---tu- XQVPXQVPXQPXQPXQP
195        storeOutage a---e---i-k----p---t-- XQPXQPXQPXQVPXQP
20         stillness   a-------i-k----p--s--- 
731        trouble     a-c-e---i-k-mn-p-rs--- VFeXIeJeUJwKwMcUKwPMwBeAeRHeRJwIwHe
471        trouble     a--de---i-k-mnop-rst-- KcAwQDcBwDwPGcEcWKwKwRWWNeKwUJeWWEcW
343        trouble     abc-e-g-i-k--n-p-rstu- WXKeHwGeBeWDeLwRTRIeUUMcRXOFcVRU
758        trouble     abcdef--ijk-mno--rstu- UWGwDeWJwBwCeIeJcRLeEcVMwHeIePFcKwEwSLeNcAe
521        trouble     ab-de--hi-k-mnop-rstu- FwNcRGcKwBwVJeQNeKcDcHeCwWHwNeVLwRCcGeEwDcQXIe
26         trouble     a--de---i-k--nop-r-t-- AcNcBeLeGwPCeUVGcTSRAeXUBcUIeEwBcHcSDwW
54         trouble     abcdef--i-k----p-r-t-- TNcHeKcOFeTPGeLeJeOSHeTFwKcRMeKcV
10 beside  trouble     a-cde-ghi-k-mn-p---t-- TDcDwGcHwDeFwJeJeDeAeTCeOBcNeNcJeMcMeQS
741        trouble     abc-e-g-i-k--nop-r-tu- BeXNeGeUXODeVLcWUTDeXMcFcKeBcAwHcMeEcR
438        trouble     ab-def-hi-k--n-p---t-- NwQLwSDwAwQFeOLeONeWCeHcKwGwGeFe
516        trouble     abc-e---i-k-mno----t-- PIcMcJcPIcIeSIeTXXLwEwDwWWJwEwNwEw
116        trouble     a--de--hi-k-mnop-rst-- BwBcFwEeUKeRJeWFcJwNeTXTPWKcEcCwFwJeVDc
70 beside  trouble     abc-e-g-i-k--n---r-t-- LcCeMeBwCeBwDcPFeCcTOIwRMcTDwFwKeGcORRHcLc
`,
].map((list) =>
  list
    .trim()
    .split('\n')
    .map((row) => row.slice(0, 11).trim()),
)

/** With edges that lie: every two lies at once. */
export const LYING = ['93 lying', '288 lying', '24 lying', '2 lying', '86 lying', '35 lying', '62 lying', '8 lying']
