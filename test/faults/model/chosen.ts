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
90206      trouble     a-c-e---i-k-mn-p-r-t-- GwDeJcDeWCwGeRDeUJeFcOBeRPMwFcPS
942701     trouble     a--de--hi-k-mno---stu- QVBeDwXDeQWEwGeCeJeDeEwCcGeKwVDeNeBcQQPFc
949486     trouble     a---e---i-k--no-q-st-- DwGeKwKeJeAeQXHcGwCwPDeVOBcWMeXSEwCc
1002907    trouble     a---e---i-k--n-p--st-- OIeDcQDcDeCcAcIcQTCcWTPQSJeTGc
1003409    trouble     a---e---i-k-mn-----t-- VJcKcWHcPGwUPWUWWWCeTKeDe
1041688    trouble     ab-de---i-k--n-pq--tu- HeWBcWBcPKcVWLcHeLcWWFwXNeWGeVVOJc
144 beside trouble     a---e---i-k--n-p-r-tu- VDeGwPQSOUQSDcDcRSVBwQLwTLwBeXAwDw
270 beside trouble     abcde--hi-k--n-p-r-t-- KwPFwRLwNeAeRHwTAeGcTCcGwMwDcVRLe
2062 whole trouble     a-cde-gh--k--n-p---tu- WKePAwVMwVNcMeOBwBcUSFwLwAeFeKeU
4301 whole trouble     a---e---i-k--n-pqr-tu- WBcORWWVKeHwBcCwCeONeVWDwKcQAcQCe
4462 whole trouble     ab-de--hi-kl-n-p--st-- NcAePTIcUWCcXDwLwAeLeVKcFeUBcCcAcWWDwU
5698 whole trouble     abc-efg-ijk--n-p-r-t-- MeMcDeBwRLcROFcHcDcLeMwAcGwQW
5976 whole trouble     a--de---i-kl-n-p--s--- PDeNcVDwUIcWVIwJcGwUTHcQXTCeFcJc
7674 whole trouble     a-c-e---i-k--n-p-r-t-- IcAcUSAwWAwKwIwTFcDcBwGcWRPWMeDwFeAw
8552 pairs trouble     abcde-g-i-k--nop-rst-- DeOQMwTNcLwRCcFcHeLwXFcSGwMcPBwDwMwLeGwEcHeFe
781        trouble     a-cde---i-k--no--rstu- IwKwGwGcFeDcCeNeCcFeEwNwVHwTLwMwVWVEwSKwSURR
242        trouble     ab--e---i-k-mn---r-t-- AeDeNeKwHwJwTTSXRRXMeJcIwRPWJcXIcLwBcIcP
546        trouble     ab--ef--i-k--nop-r-t-- PBwQKeIeSKeLcBwRHwQLeNcKeIwKwEwOKcOX
301        trouble     ab-de-----k-mnop-rst-- RFeTAcJwHwXEwPLeNeWGwSBeLcJeLwJe
54 beside  trouble     a--de---i-k-mnop---tu- DeNcXOEwMcFcEeGwKcKcSBcSJwHeCcMeUJeEeOJeVSU
74 beside  trouble     a---e---i-k--nop-r-tuv STQEwAwAcQVOXGeMcSQRHcQVCeAwRQIeHeHcCw
582        trouble     a-cde-g-i-kl-nop-r-tu- VNeIwEcNeIeKeEcRHwUBeEcXCwEeBcDcFcIeNeMcDwVEwW
37         trouble     ab--e---i-klmnop--st-- TDeVWEcKeSMeNeQJwLwIwEeEeUWXQ
9 beside   trouble     a-c-e---i-k-mn-p-rstu- XFeRGeDwQVMeBcIcTOGwAwVQMeJeMeFcMcR
29 beside  trouble     a-c-e-g-i-k--nop---tu- GwSDeUOIcPHwSMcGwEcXQTSMeV
324        trouble     abc-e---i-k-mnop-r-t-- RBcSUMeCeAcFwOWEeIeHcLcGcWWJwLeX
228        trouble     a-c-e---i-k--nop---tu- WIwFwFwMwHcIwAcDeEeMcXKwDeVGcPVO
53 beside  trouble     a-cde--hi-k-mnop---t-- OLeKeCeOEeGeGwIeCwEwFcLwBwMwJcBcTMwNeGeNw
20 beside  trouble     a--de--hi-k--n-p-r-tu- FcQSIeXGeNwODcHwHwBeXUPRRVHeDc
514        trouble     a-cde--h--k-mnop-r-t-- VUHeQFeGeOUJeNeFcEcAeXRXCcNcNcHeMePURDe
416        trouble     a--de---i-k-mn-p---tu- OUDeGeTCcTPGwNcUPVXDwKwIeCeIwCeVXJcAe
10 beside  trouble     abc-e---i-k--n----stuv BeDePTPDeDwLcUIwAeTBcFeVPQAcMwMcV
89         trouble     abcdef--i-k--no--r-tu- IeBeIcEwIwIwAwQTWMeNcVRHcREwDwGeLcQ
497        trouble     ab-def--i-k-mn-p-rst-- RBwQGeQPGcMcBcNwFwCwLwORSJeDeIeWLePJwGe
326        trouble     ab--ef--i-k-mn-p-rstu- VPHcOCwVUWSXXJeTRGeAwBcLeLeDcFeLeJcP
145        storeLoss   a---e-----k----pq--tu- XPVXYPZXPVXYPVXYPVXYPVXYPVXPV
22 beside  trouble     abc-ef--i-k--n-p--st-- AwHeKcLeIcLcOKcUCwVQUPKeAcMwHcXDcBeHcSV
764        trouble     a--de--hi-kl-nop---t-- OBwGwWSNwCcPNeEcTUEcUIwDeHcXWFeSAeWQ
17 beside  trouble     a---e---i-k-mn-p--stu- AwNwSBwVDcDwKcFeNeAeIeCwAeVPCwJcXV
557        trouble     a--de---i-k--nop-rst-- BeSNwDcHcQAcFwWXDcEcCeBcSRKwRWSXUKc
405        storeLoss   a-------i-k----pq--tu- XYPVXPVXPVXPVXPVXPVXYPVXPV
249        trouble     ab-de---i-k--n-p-rst-- FeNeIcMcLcSRLcCeDwQDeIeULwBeMwHwNeHcNc
65         storeLoss   a---e-----k----pq--tu- XPVXYPVXPVXYPZXPVXYPVXYPVXYPV
212        trouble     a--de---i-k-mn-p-r-t-- UTQDeNcUORXXJwOTXIcKwXQSHePW
35         storeOutage a---e---i-k----p--stu- XQPXQVPXQPXQVPXQP
355        storeOutage a---e---i-k----p--st-- XQVPXQPXQVPXQPXQP
795        storeOutage a---e---i-k----p--stu- XQVPXQVPXQVPXQPXQP
10         stillness   a-------i-k----p--s--- 
767        trouble     a-c-e---i-k--nop---tu- TSMcVAeFwGeDwAcXMeUEcDcNwAwUVKcO
243        trouble     a--de---i-k--nopqr-tu- GeQTFeTFeDeTKwGwSRLeEcIeNwGcBwAcWWFcVV
`
  .trim()
  .split('\n')
  .map((row) => row.slice(0, 11).trim())

/** With edges that lie: every two lies at once. */
export const LYING = ['140 lying', '148 lying', '66 lying', '112 lying', '12 lying', '17 lying', '171 lying', '1 lying']
