// Presets of Twilio: an account with its auth token, or with an API key and the secret of it.
import { fieldsPreset, type KnownPreset, type TextCheck } from './preset.ts'
import { findSlip } from './slips.ts'

/** An identifier of Twilio: two letters and 32 hexadecimal digits. */
function sidCheck(begins: 'AC' | 'SK', other: { readonly begins: string; readonly message: string }): TextCheck {
  const pattern = new RegExp(`^${begins}[0-9a-f]{32}$`, 'i')
  return (text) => {
    const slip = findSlip(text)
    if (slip !== undefined || pattern.test(text)) return slip
    if (text.startsWith(other.begins)) return other.message
    return `must be ${begins} and 32 hexadecimal digits.`
  }
}

const findToken: TextCheck = (text) => {
  const slip = findSlip(text)
  if (slip !== undefined) return slip
  if (/^(?:AC|SK)[0-9a-f]{32}$/i.test(text)) return 'is an identifier (SID), not the secret that belongs to it.'
  return /^[0-9a-f]{32}$/i.test(text) ? undefined : 'must be 32 hexadecimal digits.'
}

const findKeySecret: TextCheck = (text) => {
  const slip = findSlip(text)
  if (slip !== undefined) return slip
  if (/^(?:AC|SK)[0-9a-f]{32}$/i.test(text)) return 'is an identifier (SID), not the secret that belongs to it.'
  return /^[A-Za-z0-9]{32}$/.test(text) ? undefined : 'must be 32 letters and digits.'
}

const accountSid = {
  name: 'accountSid',
  label: 'Account SID',
  isSecret: false,
  hint: 'In the Twilio Console under Account Info.',
  placeholder: 'AC…',
  find: sidCheck('AC', { begins: 'SK', message: 'is the SID of an API key: the account begins with AC.' }),
} as const

const docsUrl = 'https://www.twilio.com/docs/iam/api-keys'

export const twilioPresets: readonly KnownPreset[] = [
  {
    preset: fieldsPreset({
      id: 'twilio-auth-token',
      title: 'Twilio auth token',
      type: 'api_key',
      docsUrl,
      suggestedName: 'twilio',
      fields: [
        accountSid,
        {
          name: 'authToken',
          label: 'Auth token',
          isSecret: true,
          hint: 'In the Twilio Console under Account Info. It has all rights: an API key can be taken back alone.',
          placeholder: '32 hexadecimal digits',
          find: findToken,
        },
      ],
    }),
    looksLike: () => false,
  },
  {
    preset: fieldsPreset({
      id: 'twilio-api-key',
      title: 'Twilio API key',
      type: 'api_key',
      docsUrl,
      suggestedName: 'twilio',
      fields: [
        accountSid,
        {
          name: 'keySid',
          label: 'Key SID',
          isSecret: false,
          hint: 'In the Twilio Console under API keys & tokens.',
          placeholder: 'SK…',
          find: sidCheck('SK', {
            begins: 'AC',
            message: 'is the SID of the account: that of an API key begins with SK.',
          }),
        },
        {
          name: 'keySecret',
          label: 'Key secret',
          isSecret: true,
          hint: 'Shown once, when the API key is made.',
          placeholder: '32 letters and digits',
          find: findKeySecret,
        },
      ],
    }),
    looksLike: () => false,
  },
]
