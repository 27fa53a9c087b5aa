import { Marks } from '../../foundation/base/index.ts'

/** Calls `add` for every row of a set. */
export type Fill = (add: (row: number) => void) => void

/**
 * Asks "is this row in the set?" for one request at a time out of one array of marks, without a set per request.
 * A membership is filled when it is first asked, and again whenever another request has used the marks in between:
 * two requests that take turns are slower, never wrong. No membership has to be given back.
 */
export class RowSet {
  private readonly marks = new Marks()
  private holder: object | undefined

  membership(fill: Fill): (row: number) => boolean {
    const { marks } = this
    const ticket = {}
    return (row) => {
      if (this.holder !== ticket) {
        marks.clear()
        fill((member) => marks.add(member))
        this.holder = ticket
      }
      return marks.has(row)
    }
  }
}
