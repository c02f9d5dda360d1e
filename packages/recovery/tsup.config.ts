// Builds the package as every package is built.
export { tsupBase as default } from '../../tsup.base.ts'
