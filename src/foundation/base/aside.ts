/** Begins native work, and says how this thread goes on meanwhile. */
export type Aside = <T>(begin: () => Promise<T>) => Promise<T>

let around: Aside = (begin) => begin()

/** Work that looks at no state until it is done, such as the run of a model. A thread that shares state lets others change it. */
export const aside: Aside = (begin) => around(begin)

/** Says what a thread does around such work; for the rest of the thread. */
export function onAside(next: Aside): void {
  around = next
}
