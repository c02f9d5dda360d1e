// Single faults while every write lands together with its event.
import { describeFaults, storeWith } from './fault-campaign.ts'

describeFaults('with required audit', { audit: 'required', makeStore: storeWith({ transactions: true }) })
