import type { Rooms } from './rooms.ts'

/** The rooms of this product. */
export const realRooms: Rooms = {
  app: () => import('../app/index.ts'),
  connect: () => import('../connect/index.ts'),
  server: () => import('../server/index.ts'),
  telemetry: () => import('../foundation/telemetry/index.ts'),
}
