// Builds the MongoDB store as every package is built.
export { tsupBase as default } from '../../tsup.base.ts'
