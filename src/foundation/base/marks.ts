/**
 * A set of rows that is emptied in constant time: a row is in it when its mark is the current turn.
 * One per purpose, used from one request at a time (fill, ask, done - no await in between).
 */
export class Marks {
  private turns = new Uint32Array(1024)
  private turn = 0

  clear(): void {
    if (++this.turn === 0xffffffff) {
      this.turns.fill(0)
      this.turn = 1
    }
  }

  add(row: number): void {
    if (row >= this.turns.length) {
      const grown = new Uint32Array(Math.max(row + 1, this.turns.length * 2))
      grown.set(this.turns)
      this.turns = grown
    }
    this.turns[row] = this.turn
  }

  has(row: number): boolean {
    return row < this.turns.length && this.turns[row] === this.turn
  }
}
