// Several processes on the same collections see one history, and forget data keys that one of them destroyed.
import { historySuite, type ProcessSetting, stalenessSuite } from '@mcpvault/testkit/history'
import { describeOnEach } from './support/deployments.ts'
import { freshStore } from './support/stores.ts'
import type { PrefixAddress } from './support/vault-program.ts'

describeOnEach(
  (name) => name,
  ({ name, server, client }) => {
    const setting: ProcessSetting<PrefixAddress> = {
      program: { entry: new URL('support/vault-program.ts', import.meta.url), external: ['mongodb'] },
      watch: true,
      operations: 60,
      // A transaction whose process is gone keeps its documents for a minute.
      afterKill: async () => void (await client().db('admin').command({ killAllSessions: [] })),
      async open({ watch }) {
        const { store, prefix, drop } = await freshStore(client(), { watch })
        return { store, address: { url: server().url, prefix, watch }, cleanup: drop }
      },
    }
    historySuite(name, setting)
    stalenessSuite(name, setting)
  },
)
