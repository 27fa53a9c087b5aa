export { createReranker } from './reranker.ts'
