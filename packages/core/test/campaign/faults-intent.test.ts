// Single faults while events come before and after a write, on a store without transactions.
import { describeFaults, storeWith } from './fault-campaign.ts'

describeFaults('with required audit, without transactions', {
  audit: 'required',
  makeStore: storeWith({ transactions: false }),
})
