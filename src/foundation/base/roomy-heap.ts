import { setFlagsFromString } from 'node:v8'

/** By so much of what it holds a heap may grow until it is collected whole, in percent. */
export const roomyHeapFlag = '--heap-growing-percent=200'

/**
 * Has the JavaScript heaps of this process grow further before they are collected whole. That of a server is small, tens of
 * megabytes, for its state lies outside. V8 lets so small a heap grow by a fifth and counts what a request takes outside, too:
 * every fiftieth slate began a full collection, which stops the thread that serves for 5 to 10 ms. Memory for it: at most three
 * times what the heap holds. A process that was started with a wish of its own keeps it.
 */
export function roomyHeap(): void {
  if (!process.execArgv.some((word) => word.startsWith('--heap-growing-percent'))) setFlagsFromString(roomyHeapFlag)
}
