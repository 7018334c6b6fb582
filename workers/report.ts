// The thread that reads reports of edges that speak JSON. Everything is in src/gateways/report-json.ts.
export { readReport as default } from '../src/gateways/report-json.js'
