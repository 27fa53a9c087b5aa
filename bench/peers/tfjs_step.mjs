/**
 * The training step of a Sluice model in TensorFlow.js on its WASM backend: the same graph in the same words, the same
 * weights and batch, as bench/throughput/peer.ts wrote them. Look-up, scatter and the tables' optimiser are spared it: gathered
 * rows are fed, and their gradients computed. Adam stands for AdamW, gradients are not clipped.
 *
 *     node bench/peers/tfjs_step.mjs PACKAGES FOLDER
 *
 * PACKAGES: a folder where @tensorflow/tfjs and @tensorflow/tfjs-backend-wasm were installed. Where the backend has no kernel
 * for a gradient, everything is computed by the plain JavaScript backend, and it says so.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const [packages, folder] = process.argv.slice(2)
const require = createRequire(join(packages, 'package.json'))
const noise = console.log
console.log = console.warn = console.info = () => {}
const tf = require('@tensorflow/tfjs')
const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm')
setWasmPaths(join(packages, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/'))
await tf.setBackend(process.env.TFJS_BACKEND ?? 'wasm')
await tf.ready()

const task = JSON.parse(readFileSync(join(folder, 'task.json'), 'utf8'))
const bytes = (file) => {
  const read = readFileSync(join(folder, file))
  return read.buffer.slice(read.byteOffset, read.byteOffset + read.byteLength)
}
const leaf = ({ dtype, shape, file }) =>
  dtype === 'int32'
    ? tf.tensor(new Int32Array(bytes(file)), shape, 'int32')
    : tf.tensor(new Float32Array(bytes(file)), shape)

const tables = Object.fromEntries(
  task.tables.map((t) => [t.name, { dim: t.shape[1], values: new Float32Array(bytes(t.file)) }]),
)
const values = new Map(task.constants.map((t) => [t.id, leaf(t)]))
const trained = [] // [id, variable], parameters first
for (const t of task.parameters) trained.push([t.id, tf.variable(leaf({ ...t, dtype: 'float32' }))])
const parameters = trained.length
for (const t of task.inputs) {
  if (t.parts) trained.push([t.id, tf.variable(gathered(t))])
  else values.set(t.id, leaf(t))
}

function gathered({ shape, parts }) {
  const sum = new Float32Array(shape.reduce((a, b) => a * b, 1))
  for (const { table, bag, rows } of parts) {
    const { dim, values: from } = tables[table]
    const list =
      rows === 'whole' ? Uint32Array.from({ length: from.length / dim }, (_, i) => i) : new Uint32Array(bytes(rows))
    list.forEach((row, i) => {
      for (let k = 0; k < dim; k++) sum[Math.floor(i / bag) * dim + k] += from[row * dim + k] / bag
    })
  }
  return tf.tensor(sum, shape)
}

/** x W as one tall product, and batches of matrices as such. */
const matmul = (a, b, { transposeA, transposeB }) => tf.matMul(a, b, transposeA, transposeB)
const normed = (x, gain, shift, epsilon) => {
  const mean = tf.mean(x, -1, true)
  const centred = tf.sub(x, mean)
  const variance = tf.mean(tf.square(centred), -1, true)
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), gain), shift)
}
const operations = {
  ...{ add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div, maximum: tf.maximum, neg: tf.neg, exp: tf.exp, log: tf.log },
  ...{ sqrt: tf.sqrt, square: tf.square, abs: tf.abs, sigmoid: tf.sigmoid, tanh: tf.tanh, relu: tf.relu, erf: tf.erf },
  equal: (a, b) => tf.cast(tf.equal(a, b), 'float32'),
  power: (x, { exponent }) => tf.pow(x, exponent),
  step: (x) => tf.cast(tf.greater(x, 0), 'float32'),
  softplus: (x) => tf.softplus(x),
  sum: (x, { axes, keep }) => tf.sum(x, axes, keep),
  max: (x, { axes, keep }) => tf.max(x, axes, keep),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
  matmul,
  attention: (q, k, v, ...rest) => {
    const { scale } = rest.at(-1)
    const scores = tf.mul(tf.matMul(q, k, false, true), scale)
    return tf.matMul(tf.softmax(rest.length > 1 ? tf.add(scores, rest[0]) : scores), v)
  },
  layerNorm: (x, gain, shift, { epsilon }) => normed(x, gain, shift, epsilon),
  reshape: (x, { shape }) => tf.reshape(x, shape),
  transpose: (x, { permutation }) => tf.transpose(x, permutation),
  broadcastTo: (x, { shape }) => tf.mul(x, tf.ones(shape)),
  concat: (...parts) => tf.concat(parts.slice(0, -1), parts.at(-1).axis),
  split: (x, { axis, sizes }) => tf.split(x, sizes, axis),
  slice: (x, { starts, ends }) =>
    tf.slice(
      x,
      starts,
      ends.map((end, i) => end - starts[i]),
    ),
  // The backend has no kernel for the gradient of a gather: a product with ones and zeros has the same.
  gatherRows: (table, index) => {
    const flat = tf.reshape(index, [-1])
    const rows = tf.matMul(tf.cast(tf.oneHot(flat, table.shape[0]), 'float32'), table)
    return tf.reshape(rows, [...index.shape, table.shape[1]])
  },
  gatherColumns: (x, { columns }) => {
    const width = x.shape.at(-1)
    const pick = tf.buffer([width, columns.length])
    for (const [i, column] of columns.entries()) pick.set(1, column, i)
    return tf.reshape(tf.matMul(tf.reshape(x, [-1, width]), pick.toTensor()), [...x.shape.slice(0, -1), columns.length])
  },
  toFloat: (x) => tf.cast(x, 'float32'),
  stopGradient: (x) => tf.customGrad((y) => ({ value: tf.clone(y), gradFunc: (dy) => [tf.zerosLike(dy)] }))(x),
}

function forward() {
  const held = new Map([...values, ...trained])
  for (const { op, inputs, outputs, attributes } of task.nodes) {
    const run = operations[op]
    const given = inputs.map((id) => held.get(id))
    const result = ['add', 'sub', 'mul', 'div', 'maximum', 'equal'].includes(op)
      ? run(...given)
      : run(...given, attributes)
    if (op === 'split') for (const [i, id] of outputs.entries()) held.set(id, result[i])
    else held.set(outputs[0], result)
  }
  return tf.sum(held.get(task.loss))
}

const adam = tf.train.adam(task.rates.dense, 0.9, task.rates.beta2, 1e-8)
const variables = trained.map(([, variable]) => variable)
function step() {
  return tf.tidy(() => {
    const { value, grads } = tf.variableGrads(forward, variables)
    const dense = variables.slice(0, parameters)
    adam.applyGradients(dense.map(({ name }) => ({ name, tensor: grads[name] })))
    for (const { name } of variables.slice(parameters)) grads[name].dataSync()
    return value.dataSync()[0]
  })
}

noise('ready', tf.version.tfjs, tf.getBackend())
for await (const line of createInterface({ input: process.stdin })) {
  const wall = []
  const losses = []
  for (let i = 0; i < Number(line); i++) {
    const began = performance.now()
    losses.push(step())
    wall.push(performance.now() - began)
  }
  noise(JSON.stringify({ wall, losses }))
}
