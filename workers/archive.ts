// The archive's thread: files are written and read here, so that no tick waits for a disk.

export { runArchiveTask as default } from '../src/record/archive-task.js'
