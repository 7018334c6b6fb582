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
90206      trouble     ab-de--hi-k-mn-p-r---- GwDeJcDeWQFcRXMeURVBeFwLcNcHcRS
942701     trouble     a--de--hi-k--n-p-rst-- VSDcUAeFcWVAwLcJePIcKwWKwNcHcTBeODcRIw
949486     trouble     ab-def--i-k--n-p-rst-- RHwHcSLcDcGcODeDeGwDeDwRPWKcKcLeNeCc
1002907    trouble     ab--e---i-k--n-p--st-- OIeDcQDcDeCcAcIcQTCcWTPQSJeTLcAw
1003409    trouble     a-c-e---i-k-m------tu- VJcKcWHcPGwUPWUWVXMcVIcIcIc
1041688    trouble     abcdef--ijk--n-p---t-- HeWBcWIcLcQQHwFeWLeIeQLeAcQMeXWSMcNeWAwKc
1151099    trouble     a---e---i-k-mn-p-r-tu- QWGeJeBwFeDcGwUWFeUPCcUIcUDeVSHwR
2005711    trouble     abc-efg-i-k-mnop---t-- QSGwEeLwHwSJcLcMeBwXOFcWODeFe
2005852    trouble     a--de---i-k--nop-rst-- NwWWGcFeFeWRSEeDeBcWOAcQVAwMeMwRNc
144 beside trouble     abc-efg-i-k-mn-----t-- DcIeDcMwGcQFcLeHcTGwAeDwMcBwJcDwQXBc
270 beside trouble     abc-e---i-k-mn-----t-- TOBeEwGwPDeJeGcFeUHeHcXMwJwMwLeTDc
2062 whole trouble     a--de---i-kl-n-p---t-- NeWIeDwVUPWFwAwOXHeUSTWKcWQ
4301 whole trouble     abcde---i-k--n-p-r---- VCwWHeVNeCcFcMeWWLwRLeWAeIwKeWT
4462 whole trouble     abc-e-g-i-k-mn----stu- MwDeXXAcCcCwLcWHeSVIcXOWJeIeJwDeKwAeQ
5698 whole trouble     a---e---i-k--nop-r-t-- SDwEeVUPDeGeCeQJwRRTTAcGcOTGeBeR
5976 whole trouble     abc-efg-i-k-mn-p-rst-- LcHeTOQSWRLcGeMeWAwPMeLwQJwCeLwMwW
7674 whole trouble     a---e---i-k--nop---t-- CeOSAwQNcUKeIcIcDeTIeSDcUDeNeEw
8552 pairs trouble     ab-de---i-k--n-p-rst-- DeOQMwTNcLwRCcFcXKwGwKcRGwSFwWPDcHeDw
202        trouble     ab-def-hi-kl-n-p-rstu- NeONeDcVBwNwHwTIeRWFcNeCeLeQLeOCwO
388        trouble     a---e---i-k--no------- WDeCeLeFeJeEeKeFeAwIwCeBeEwHcAwUDeQJcTHc
458        trouble     a-c-e---i-k-mn-p-r-tu- OKeIeGcHeUBcXOLeHcJeHcCcDwFeVMeR
13 beside  trouble     a-cde-g-i-k-mnop-rstu- KeKcPTBcVGcVVFwBwMeMwORJcMwKcAcUEeLcRJcNe
429        trouble     a--de---i-k--n-p---tu- BwCeIcSCePKeNeFeBcXGeNeUXUJeVVNcQDe
1 beside   trouble     abcde-g-i-k--n-p---t-- LwFwBeSBeGwIeHwSODwPHeMcDwPIwNc
706        trouble     a-cde-g-i-k--no----tuv JwSKwAcIeIcMwEcNeEwJwWDwPVVEeSCcHcAwNeIwW
437        trouble     a-c-e---i-k--nop---t-- HeEcMeIeBcPEcDwDeMwCwMwAwIwKeOGwGcSKeMcMeDw
34 beside  trouble     abcdef-hi-k-mn-p--stu- NeJeHwHeLcVLwAwBwSDwGeMeOVIcJwAwVAwKwTAwDc
65 beside  trouble     ab--ef--i-k--nop-r-t-- JeHcEcOQFcQXQVLwEwHwEwVKeDcSPRLeFwIc
776        trouble     abc-efg-i-k--nop-rst-- SCcLeDcUGeUXLwKwWOKeQMcEeRUPQDwIcFc
404        trouble     a-c-e-g-i-k--nop--st-- HcMwCeVGwEcQAcDwSWTPXPKcBeFeXO
82         trouble     a-c-e---i-k-mno----t-- WIeQKwJcWQQIwQOCcJeNcMcSHcXHeEc
496        trouble     a--de---i-k-mnop-r-tu- FcDwIeWEcVWTEcSJwIwCwIwCwRWOWWXNw
54         trouble     a-cde--hi-k--nop-r-t-- EeTKwHeWTUMcEcNeFcWQDcOAeUEwAeAwRUO
78 beside  trouble     a--de--hi-k--n--qrstuv TXKcNcFcPKwSTVPHwXQRAcDwFwKwVCw
73 beside  trouble     a--de---i-k-mn----st-- PNwOLcMwDwHcDeDwLwPCeJwGwDcDwTUDcQDeQPQIcGc
242        trouble     a--de---i-klmno--r---- AeDeNeKwHwJwTTSSEeNeRCeSHcCcHeBwAeKeGeR
484        trouble     a---e---i-k--nop-rst-v WRKeQSEeDcBwWBwJwQHwOKcBeVBcXUHw
177        trouble     a-cde-ghi-k-mnop--s--- GcDcLcXDcGcNeGeIcJwEwMwCwMeJcSWGeUDeGe
353        trouble     a-c-e---i-k--n---rst-- THcXTREeKcBcTKwWMwXIeCwDwQXKwW
749        trouble     a---e---i-k-mnop---tu- UCeOSEeHcDwOVGwQCeTJcFwJcDeTFwWJcWDeLc
725        storeLoss   a---e---i-k----pq-stu- XYPZXPVXYPVXPVXPZXPVXPVXPV
374        trouble     ab--e---i-k-mn-p-r-t-- VQOGcQFeTQUWTTDeRXULcDwKeJcUXBcFcW
74 beside  trouble     a---e---i-k--no--rst-- AeHwRRQAcBcEwNcXXFeDeAcFeVHcJeDc
25         storeLoss   a-------i-k----pq--tu- XPVXYPVXPVXPVXPVXPVXPVXYPV
645        storeLoss   a-------i-k----pq-stu- XPVXPVXPVXPVXYPVXYPVXPVXYPV
668        trouble     a---e---i-k--nop---tu- HeOGeEeDwMwFwOHeKeTWUDwKcUXKeSUV
653        trouble     abc-e---i-k-mnop-r-t-- LeGwEeJwMeXCePTAwIeTKwHwCeTRDwDeHcAwKeEcQU
755        storeOutage a---e---i-k----p--stu- XQVPXQVPXQPXQVPXQVP
295        storeOutage a---e---i-k----p---t-- XQVPXQVPXQPXQPXQP
675        storeOutage a---e---i-k----p--stu- XQVPXQVPXQVPXQVPXQVP
664        trouble     a---e---i-k--no--r-tu- WSPMeJcOUVDwEeGcUIwDcDwPRUDwHeP
10         stillness   a-------i-k----p--s--- 
351        trouble     abc-e-g-i-k-mnop-rst-- WMeWTOFwDwBeWSEwFcAeEwLwVRJwLcDc
`
  .trim()
  .split('\n')
  .map((row) => row.slice(0, 11).trim())

/** With edges that lie: every two lies at once. */
export const LYING = ['140 lying', '269 lying', '148 lying', '137 lying', '157 lying', '188 lying', '99 lying']
