// A process that ends between any two commands, on both kinds of deployment.
import { killSuite } from '@mcpvault/testkit/campaign'
import { describeOnEach } from './support/deployments.ts'
import { killStage } from './support/ending.ts'

describeOnEach(
  (name) => `a vault on ${name}`,
  ({ client }) => killSuite({ open: () => killStage(client()), erasureKills: 5 }),
)
