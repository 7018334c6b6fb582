// The files of an answer, for the process that writes them and for the one that hands them out: that one loads nothing
// of what makes answers.

/** Folder of the answer, in that of the question. */
export const ANSWER = 'answer'
/** What the answer says, but for its tables, and those by their ids. */
export const FINDINGS = 'findings.json'
export const tableFile = (id: string): string => `table-${id}.json`
