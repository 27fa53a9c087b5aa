import type { Rooms } from './rooms.ts'

/** The rooms of this product. */
export const realRooms: Rooms = {
  app: () => import('../app/index.ts'),
  connect: () => import('../connect/index.ts'),
  async server() {
    const [{ createServer }, { createLog, createMetrics }] = await Promise.all([
      import('../server/index.ts'),
      import('../foundation/telemetry/index.ts'),
    ])
    return ({ engine, config }) =>
      createServer({ engine, config, log: createLog(config.log), metrics: createMetrics() })
  },
}
