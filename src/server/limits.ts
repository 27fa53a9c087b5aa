/** Bounds of the server that are not options. Those that are live in `domain/config/server.ts`. */
export const limits = {
  /** Requests being answered at once; above it ERR_OVERLOADED. */
  inFlightMax: 512,
  /** Requests whose body is on its way; beyond it the slowest gives way. */
  arrivingMax: 512,
  /** A request has this long to arrive before it may have to give way, in milliseconds. */
  arrivalMsLeast: 1000,
  /** Uploads of JSON lines at once. */
  uploadsMax: 64,
  /** Followers of the event tail at once. */
  tailsMax: 32,
  /** Exports running at once. */
  exportsMax: 4,
  /** Events a tail may begin with. */
  tailLastMax: 10_000,
  /** Records that a bulk upload hands to the engine at once. */
  bulkBatchMax: 1000,
  /** Rejections that the answer to a bulk upload lists; further ones are counted. */
  rejectionsMax: 10_000,
  /** A client that takes nothing of its answer for this long, in milliseconds, is taken for gone. */
  stalledMsMax: 60_000,
  /** Bytes of an export that are gathered before they are written. */
  chunkBytes: 65_536,
  /** Longest body that is read to its end although it is refused for its size. */
  discardBytesMax: 67_108_864,
  /** Minutes that one answer tells of, unless it is said and at most: 3 to 4 kB each. */
  observedMinutes: 60,
  observedMinutesMax: 240,
  /** Similar items of one item. */
  similarMax: 500,
  /** Addresses the rate limit remembers. */
  addressesMax: 10_000,
  /** Time for an ordinary request, in milliseconds. */
  requestMsMax: 30_000,
  /** Time for a request that rewrites or streams much: erasure, bulk upload. */
  longRequestMsMax: 600_000,
  /** Time for a request to arrive whole, in milliseconds. */
  arrivalMsMax: 600_000,
  /** Characters of one path parameter, percent-encoded. */
  parameterMax: 1024,
} as const
