export { createServer, type Server, type ServerParts } from './create.ts'
