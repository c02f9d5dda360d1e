// The public entry of @mcpvault/aws-kms.
export { awsKms } from './aws-kms.ts'
export type { AwsKmsOptions } from './options.ts'
