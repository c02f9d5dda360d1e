// Key providers that break their contract in one way, with the case that has to notice.
import { brokenCallProviders } from './broken-call-providers.ts'
import { brokenServiceProviders } from './broken-service-providers.ts'
import { brokenUnwrapProviders } from './broken-unwrap-providers.ts'
import { brokenWrapProviders } from './broken-wrap-providers.ts'
import type { BrokenProvider } from './sound-provider.ts'

export const brokenProviders: readonly BrokenProvider[] = [
  ...brokenWrapProviders,
  ...brokenUnwrapProviders,
  ...brokenServiceProviders,
  ...brokenCallProviders,
]
