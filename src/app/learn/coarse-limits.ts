/** Of the fine ranker's first TOP, the share that must be among the coarse ranker's first KEPT. */
export const TOP = 20
export const KEPT = 200
export const SHARE_LEAST = 0.95
/** Requests whose candidates the fine ranker scores; the last fifth judges. */
export const REQUESTS = 400
export const REQUESTS_LEAST = 50
