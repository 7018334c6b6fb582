// The program of a gateway, as the build has packed it, and the line for a shell of root there that fetches it from
// here. The line is all that has to be trusted, and it comes from whoever pastes it: it names the package by its
// SHA-256, so that nothing else is run, whoever answers; and the program holds the certificate against the fingerprint
// in it before it shows the token. That stands in no argument, which every user of the machine could list: the shell's
// own `echo` says it. And bash is told to forget the line, where it keeps those that begin with a blank.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { MAX_SIGN_INS_PER_MINUTE } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers } from '../app.js'

const PATH = '/v1/edge-package'
const GZIP = 'application/gzip'
const packed = readFileSync(new URL('../../../mizani-edge.mjs.gz', import.meta.url))
const sha256 = createHash('sha256').update(packed).digest('hex')

export function edgePackageRoutes(app: App): void {
  app.get(
    PATH,
    {
      config: {
        access: 'open',
        produces: [GZIP],
        rateLimit: { max: MAX_SIGN_INS_PER_MINUTE, timeWindow: 60_000 },
      },
      schema: {
        summary: 'The program of a gateway: one file for Node, as gzip; what `edge-user add` prints fetches it',
        produces: [GZIP],
        response: answers({ 200: z.unknown() }),
      },
    },
    (_, reply) => reply.type(GZIP).send(packed),
  )
}

/**
 * Read by Node alone: a gateway may have no curl, no npm and no tar. The first controller that has this very package
 * will do. Without an apostrophe, for a shell has it between two.
 */
const FETCH = [
  'const[M,N]=process.versions.node.split(".");if(M<20||M==20&&N<19){console.error("Here is Node "+process.version+',
  '", and 20.19 or later is needed. Nothing was changed here.");process.exit(1)}',
  'let l="";const[,h,...o]=process.argv,q=require,f=q("fs");process.stdin.on("data",d=>l+=d).on("end",async()=>{',
  'for(const u of l.split(" ")[1].split(","))try{const p=await new Promise((y,n)=>{let z=0;const b=[],v={timeout:2e4};',
  // Whoever answers: what comes is run under this name alone.
  `v.rejectUnauthorized=false;q(u.split(":")[0]).get(u+"${PATH}",v,r=>`,
  'r.on("data",d=>(z+=d.length)>16e6?r.destroy(Error("no package is so large")):b.push(d))',
  '.on("end",()=>y(Buffer.concat(b))).on("error",n))',
  '.on("error",n).on("timeout",function(){this.destroy(Error("no answer"))})});',
  'if(q("crypto").createHash("sha256").update(p).digest("hex")!==h)',
  'throw Error("the package is another one than the line says: print a new line");',
  'const t=f.mkdtempSync(q("os").tmpdir()+"/mizani-"),m=t+"/mizani-edge.mjs";',
  'f.writeFileSync(m,q("zlib").gunzipSync(p));',
  'const w={stdio:"inherit",env:{...process.env,MIZANI_JOIN:l}},a=[m,"edge","install",...o];',
  'const{status}=q("child_process").spawnSync(process.execPath,a,w);f.rmSync(t,{recursive:true});',
  'process.exit(status??1)',
  '}catch(e){console.error(u+": "+(e.message||e.code))}console.error("Nothing was changed here.");process.exit(1)})',
].join('')

/** @param line EDGE ADDRESS FINGERPRINT TOKEN */
export const pasteOf = (line: string): string =>
  ` case $(history 1 2>&-) in *${PATH}*)history -d -1;;esac;echo '${line}'|node -e '${FETCH}' ${sha256}`
