export { askOf, embeddedReader } from './embedded.ts'
