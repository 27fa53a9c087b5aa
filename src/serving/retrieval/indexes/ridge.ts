/**
 * Solves (A + ridge I) x = b for a symmetric positive semidefinite A by Cholesky, in place: `matrix` [size x size],
 * row-major, lower triangle used and overwritten by the factor; `vector` [size] is b on entry and x on return.
 * Gives false when the matrix is not positive definite; then `vector` means nothing.
 */
export function solveRidge(matrix: Float64Array, vector: Float64Array, size: number, ridge: number): boolean {
  for (let i = 0; i < size; i++) {
    const rowI = i * size
    for (let j = 0; j < i; j++) {
      const rowJ = j * size
      let sum = matrix[rowI + j]
      for (let k = 0; k < j; k++) sum -= matrix[rowI + k] * matrix[rowJ + k]
      matrix[rowI + j] = sum / matrix[rowJ + j]
    }
    let pivot = matrix[rowI + i] + ridge
    for (let k = 0; k < i; k++) pivot -= matrix[rowI + k] * matrix[rowI + k]
    if (!(pivot > 0)) return false
    matrix[rowI + i] = Math.sqrt(pivot)
  }
  for (let i = 0; i < size; i++) {
    let sum = vector[i]
    for (let k = 0; k < i; k++) sum -= matrix[i * size + k] * vector[k]
    vector[i] = sum / matrix[i * size + i]
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = vector[i]
    for (let k = i + 1; k < size; k++) sum -= matrix[k * size + i] * vector[k]
    vector[i] = sum / matrix[i * size + i]
  }
  return true
}
