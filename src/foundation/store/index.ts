export type { Journal, JournalRecord, RewriteReport } from './journal.ts'
