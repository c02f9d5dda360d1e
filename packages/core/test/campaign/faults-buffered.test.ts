// Single faults while events are written behind.
import { describeFaults, storeWith } from './fault-campaign.ts'

describeFaults('with buffered audit', { audit: 'buffered', makeStore: storeWith({ transactions: true }) })
