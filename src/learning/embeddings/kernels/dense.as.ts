// One optimiser step on a flat vector. AssemblyScript; compiled by scripts/kernels.js, its twin is twin/dense.ts.
// Addresses are bytes and multiples of 16; `n` counts floats and is a multiple of 4.

/** v = momentum v + g; w -= rate v */
export function sgd(w: usize, v: usize, g: usize, n: i32, rate: f32, momentum: f32): void {
  const r = f32x4.splat(rate)
  const mu = f32x4.splat(momentum)
  for (let i = 0; i < n; i += 4) {
    const velocity = f32x4.add(f32x4.mul(mu, v128.load(v)), v128.load(g))
    v128.store(v, velocity)
    v128.store(w, f32x4.sub(v128.load(w), f32x4.mul(r, velocity)))
    w += 16
    v += 16
    g += 16
  }
}

/** a += g g; w -= rate g / (sqrt(a) + epsilon) */
export function adagrad(w: usize, a: usize, g: usize, n: i32, rate: f32, epsilon: f32): void {
  const r = f32x4.splat(rate)
  const e = f32x4.splat(epsilon)
  for (let i = 0; i < n; i += 4) {
    const x = v128.load(g)
    const sum = f32x4.add(v128.load(a), f32x4.mul(x, x))
    v128.store(a, sum)
    v128.store(w, f32x4.sub(v128.load(w), f32x4.div(f32x4.mul(r, x), f32x4.add(f32x4.sqrt(sum), e))))
    w += 16
    a += 16
    g += 16
  }
}

/** m = beta1 m + rest1 g; v = beta2 v + rest2 g g; w -= step m / (unbias sqrt(v) + epsilon) */
export function adam(
  w: usize, m: usize, v: usize, g: usize, n: i32,
  step: f32, unbias: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1)
  const r1 = f32x4.splat(rest1)
  const b2 = f32x4.splat(beta2)
  const r2 = f32x4.splat(rest2)
  const s = f32x4.splat(step)
  const u = f32x4.splat(unbias)
  const e = f32x4.splat(epsilon)
  for (let i = 0; i < n; i += 4) {
    const x = v128.load(g)
    const mean = f32x4.add(f32x4.mul(b1, v128.load(m)), f32x4.mul(r1, x))
    const square = f32x4.add(f32x4.mul(b2, v128.load(v)), f32x4.mul(r2, f32x4.mul(x, x)))
    v128.store(m, mean)
    v128.store(v, square)
    const below = f32x4.add(f32x4.mul(f32x4.sqrt(square), u), e)
    v128.store(w, f32x4.sub(v128.load(w), f32x4.div(f32x4.mul(s, mean), below)))
    w += 16
    m += 16
    v += 16
    g += 16
  }
}

/** x += y */
export function add(x: usize, y: usize, n: i32): void {
  for (let i = 0; i < n; i += 4) {
    v128.store(x, f32x4.add(v128.load(x), v128.load(y)))
    x += 16
    y += 16
  }
}

/** x *= factor */
export function scale(x: usize, n: i32, factor: f32): void {
  const c = f32x4.splat(factor)
  for (let i = 0; i < n; i += 4) {
    v128.store(x, f32x4.mul(v128.load(x), c))
    x += 16
  }
}

/** The sum of x x in float64: finite if and only if every x is. Four sums by position, added at the end. */
export function squares(x: usize, n: i32): f64 {
  let low = f64x2.splat(0)
  let high = f64x2.splat(0)
  for (let i = 0; i < n; i += 4) {
    const four = v128.load(x)
    const a = f64x2.promote_low_f32x4(four)
    const b = f64x2.promote_low_f32x4(i8x16.shuffle(four, four, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
    low = f64x2.add(low, f64x2.mul(a, a))
    high = f64x2.add(high, f64x2.mul(b, b))
    x += 16
  }
  const both = f64x2.add(low, high)
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1)
}
