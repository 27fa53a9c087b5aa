export { Breaker, type BreakerOptions, type BreakerState } from './breaker.ts'
export { Bulkhead } from './bulkhead.ts'
export { Shed } from './shed.ts'
