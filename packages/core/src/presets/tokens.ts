// Presets of providers whose secret is one token: Stripe, GitHub, Figma, OpenAI, Anthropic, Slack.
import { type KnownPreset, textPreset } from './preset.ts'
import { type TokenShape, tokenCheck } from './slips.ts'

interface Token extends TokenShape {
  readonly id: string
  readonly title: string
  readonly hint: string
  readonly docsUrl: string
  readonly suggestedName: string
}

const isNoSecret = 'is a publishable key, which is no secret and cannot be used here: take the secret key.'

const slackKinds = {
  'xoxb-': 'is a bot token: choose the preset for it.',
  'xoxp-': 'is a user token: choose the preset for it.',
  'xapp-': 'is an app token: choose the preset for it.',
} as const

const githubKinds = {
  ghp_: 'is a classic token: choose the preset for it.',
  github_pat_: 'is a fine-grained token: choose the preset for it.',
  ghs_: 'is a token of an app: choose the preset for it.',
  ghu_: 'is a token of an app: choose the preset for it.',
} as const

const github = {
  characters: 'letters, digits and "_"',
  docsUrl:
    'https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github',
  suggestedName: 'github_token',
  notThis: githubKinds,
} as const

const slack = {
  characters: 'letters, digits and "-"',
  minLength: 20,
  docsUrl: 'https://api.slack.com/concepts/token-types',
  notThis: slackKinds,
} as const

const stripe = { characters: 'letters and digits', minLength: 16, docsUrl: 'https://docs.stripe.com/keys' } as const

/** In this order a value is recognized: what has the longer beginning stands first. */
const tokens: readonly Token[] = [
  {
    ...stripe,
    id: 'stripe-secret-key',
    title: 'Stripe secret key',
    begins: ['sk_live_', 'sk_test_'],
    notThis: { pk_: isNoSecret, rk_: 'is a restricted key: choose the preset for it.' },
    hint: 'In the Stripe Dashboard under Developers, API keys.',
    suggestedName: 'stripe_secret_key',
  },
  {
    ...stripe,
    id: 'stripe-restricted-key',
    title: 'Stripe restricted key',
    begins: ['rk_live_', 'rk_test_'],
    notThis: {
      pk_: isNoSecret,
      sk_: 'is a secret key with all rights: choose the preset for it, or make a restricted key.',
    },
    hint: 'In the Stripe Dashboard under Developers, API keys, with only the permissions that are needed.',
    suggestedName: 'stripe_restricted_key',
  },
  {
    ...github,
    id: 'github-fine-grained-token',
    title: 'GitHub fine-grained token',
    begins: ['github_pat_'],
    minLength: 40,
    hint: 'On GitHub under Settings, Developer settings, Personal access tokens, Fine-grained tokens.',
  },
  {
    ...github,
    id: 'github-classic-token',
    title: 'GitHub classic token',
    begins: ['ghp_'],
    minLength: 36,
    hint: 'On GitHub under Settings, Developer settings, Personal access tokens, Tokens (classic).',
  },
  {
    ...github,
    id: 'github-app-token',
    title: 'GitHub app token',
    begins: ['ghs_', 'ghu_', 'gho_'],
    minLength: 36,
    hint: 'Made by a GitHub App or OAuth app, for an installation or a user; it expires soon unless the app says otherwise.',
    suggestedName: 'github_app_token',
  },
  {
    id: 'figma-token',
    title: 'Figma access token',
    begins: ['figd_', 'figu_'],
    characters: 'letters, digits, "-" and "_"',
    minLength: 20,
    hint: 'In Figma under Settings, Security, Personal access tokens.',
    docsUrl: 'https://www.figma.com/developers/api#access-tokens',
    suggestedName: 'figma_token',
  },
  {
    id: 'anthropic-key',
    title: 'Anthropic API key',
    begins: ['sk-ant-'],
    characters: 'letters, digits, "-" and "_"',
    minLength: 20,
    hint: 'In the Anthropic Console under API keys.',
    docsUrl: 'https://docs.anthropic.com/en/api/overview',
    suggestedName: 'anthropic_api_key',
  },
  {
    id: 'openai-key',
    title: 'OpenAI API key',
    begins: ['sk-'],
    characters: 'letters, digits, "-" and "_"',
    minLength: 20,
    notThis: { 'sk-ant-': 'is a key of Anthropic: choose the preset for it.' },
    hint: 'On the OpenAI platform under API keys.',
    docsUrl: 'https://platform.openai.com/docs/api-reference/authentication',
    suggestedName: 'openai_api_key',
  },
  {
    ...slack,
    id: 'slack-bot-token',
    title: 'Slack bot token',
    begins: ['xoxb-'],
    hint: 'In the settings of the Slack app under OAuth & Permissions.',
    suggestedName: 'slack_bot_token',
  },
  {
    ...slack,
    id: 'slack-user-token',
    title: 'Slack user token',
    begins: ['xoxp-'],
    hint: 'In the settings of the Slack app under OAuth & Permissions.',
    suggestedName: 'slack_user_token',
  },
  {
    ...slack,
    id: 'slack-app-token',
    title: 'Slack app token',
    begins: ['xapp-'],
    hint: 'In the settings of the Slack app under Basic Information, App-Level Tokens.',
    suggestedName: 'slack_app_token',
  },
]

export const tokenPresets: readonly KnownPreset[] = tokens.map((token) => {
  const { id, title, hint, docsUrl, suggestedName, begins } = token
  const shown = { id, title, type: 'api_key', docsUrl, suggestedName, label: 'Token', hint } as const
  const preset = textPreset({ ...shown, placeholder: `${begins[0] ?? ''}…`, find: tokenCheck(token) })
  return { preset, looksLike: (value) => begins.some((each) => value.startsWith(each)) }
})
