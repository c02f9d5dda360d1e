// A strict KMS endpoint for the tests of key providers.
export { type KmsCredentials, type KmsEndpoint, type KmsTrouble, startKmsEndpoint } from './endpoint.ts'
export type { PolicyDocument } from './policy.ts'
