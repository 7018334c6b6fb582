// The thread that answers what would change a flow's need. Everything is in src/planning/what-if.ts.

import { answerWhatIf } from '../src/planning/what-if.js'

export default answerWhatIf
