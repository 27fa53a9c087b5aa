import { cpus, loadavg } from 'node:os'

/** What the figures were measured on, and how busy it was. */
export function machine() {
  const all = cpus()
  return { model: all[0]?.model ?? 'unknown', cores: all.length, load: loadavg()[0], node: process.version }
}

export function machineLine(): string {
  const { model, cores, load, node } = machine()
  return `${model}, ${cores} cores, load ${(load ?? 0).toFixed(1)}, Node ${node}`
}
