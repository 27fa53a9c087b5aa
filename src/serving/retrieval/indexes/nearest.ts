/** The places with the largest cosine to a target, best first by a heap; ties by place. */
export class Nearest {
  readonly places: Uint32Array
  private readonly scores: Float64Array
  private readonly limit: number

  constructor(limit: number) {
    this.limit = limit
    this.places = new Uint32Array(limit)
    this.scores = new Float64Array(limit)
  }

  /**
   * Writes `places`, ascending; gives how many. Places that share no user with the target are left out, unless the
   * limit takes in all places.
   */
  of(column: Float64Array, target: number, users: Float64Array): number {
    const whole = this.limit >= column.length - 1
    let count = 0
    for (let place = 0; place < column.length; place++) {
      if (place === target || (column[place] === 0 && !whole)) continue
      const score = (column[place] * column[place]) / users[place] // the cosine's order
      if (count < this.limit) this.rise(count++, place, score)
      else if (count > 0 && score > this.scores[0]) this.sink(count, place, score)
    }
    this.places.subarray(0, count).sort()
    return count
  }

  private rise(start: number, place: number, score: number): void {
    let i = start
    for (; i > 0; i = (i - 1) >> 1) {
      const parent = (i - 1) >> 1
      if (this.scores[parent] <= score) break
      this.places[i] = this.places[parent]
      this.scores[i] = this.scores[parent]
    }
    this.places[i] = place
    this.scores[i] = score
  }

  private sink(count: number, place: number, score: number): void {
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= count) break
      if (child + 1 < count && this.scores[child + 1] < this.scores[child]) child++
      if (this.scores[child] >= score) break
      this.places[i] = this.places[child]
      this.scores[i] = this.scores[child]
      i = child
    }
    this.places[i] = place
    this.scores[i] = score
  }
}
