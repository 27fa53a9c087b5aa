import { cpus, loadavg } from 'node:os'

/** What the figures were measured on, and how busy it was. */
export function machine() {
  const all = cpus()
  const huge = (process.env['GLIBC_TUNABLES'] ?? '').includes('hugetlb=1')
  return { model: all[0]?.model ?? 'unknown', cores: all.length, load: loadavg()[0], node: process.version, huge }
}

export function machineLine(): string {
  const { model, cores, load, node, huge } = machine()
  return `${model}, ${cores} cores, load ${(load ?? 0).toFixed(1)}, Node ${node}${huge ? ', huge pages' : ''}`
}
