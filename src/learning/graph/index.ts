/**
 * The symbolic graph: write a model down once, differentiate it, run it natively.
 *
 *     const g = new Graph()
 *     const x = g.input('x', [256, 20]) // fed on every run
 *     const label = g.input('label', [256, 1])
 *     const w = g.parameter('w', [20, 1], glorotUniform) // trained
 *     const b = g.parameter('b', [1], zeros)
 *     const logits = g.linear(x, w, b)
 *     const loss = binaryCrossEntropy(g, logits, label)
 *
 *     const step = await TrainingStep.open(g, { loss, outputs: { logits }, inputGradients: [x] }, { seed: 7 })
 *     const result = await step.run({ x: features, label: clicks }) // { loss, outputs, inputGradients: { x } }
 *     for (let i = 0; i < step.gradients.length; i++) step.parameters[i] -= 0.1 * step.gradients[i]
 *     await step.close()
 *
 *     const session = await Session.open(emitModel(g, { logits }), { threads: 1 }) // serving: the same graph
 *     session.bindParameters(step.layout, step.parameters) // again at any time: the next run has the new ones
 *     const { logits: scores } = await session.run({ x: features })
 *
 * Shapes are static: pad, and give padding weight 0. To read it: tensor.ts, graph.ts, gradients.ts, operations/.
 */
export { gradients } from './gradients.ts'
export { Graph } from './graph.ts'
export { filled, glorotUniform, type Initialiser, normal, ones, zeros } from './initialisers.ts'
export * from './losses/index.ts'
export { emitModel } from './onnx/emit.ts'
export { initialParameters, layoutOf, type ParameterLayout, parameterViews, slotView } from './parameters.ts'
export { openStep, type Trained } from './parallel/parallel-step.ts'
export { type Port, type Provider, Session, type SessionOptions } from './session.ts'
export { type Shape, sizeOf } from './shape.ts'
export type { DType, Tensor, Values } from './tensor.ts'
export { type Step, type StepResult, type TrainingPlan, TrainingStep } from './training-step.ts'
export { MASKED } from './vocabulary.ts'
