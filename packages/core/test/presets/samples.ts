// Values that look like those of providers. They are put together here, so that no scanner takes them for real ones.

const hex = '0123456789abcdef0123456789abcdef'
const word = 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5kL7n'

export const pem = (label: string, body = 'Ab1/'.repeat(16)): string =>
  [`-----BEGIN ${label}-----`, body, `-----END ${label}-----`].join('\n')

/** Presets of one text: what each takes, and what it refuses with a part of the message. */
export const textSamples: Readonly<
  Record<string, { readonly good: readonly string[]; readonly bad: readonly (readonly [string, string])[] }>
> = {
  'stripe-secret-key': {
    good: [`sk_${'live_'}${'x'.repeat(24)}`, `sk_${'test_'}51${word}`],
    bad: [
      [`pk_${'live_'}${'x'.repeat(24)}`, 'is a publishable key'],
      [`rk_${'live_'}${'x'.repeat(24)}`, 'is a restricted key'],
      [`sk_${'live_'}short`, 'must have at least 16 characters'],
      [`sk_${'live_'}${'x'.repeat(20)}-y`, 'must have only letters and digits'],
      [`sk_prod_${'x'.repeat(24)}`, 'must begin with sk_live_ or sk_test_.'],
    ],
  },
  'stripe-restricted-key': {
    good: [`rk_${'live_'}${'x'.repeat(24)}`, `rk_${'test_'}${word}`],
    bad: [
      [`pk_${'test_'}${'x'.repeat(24)}`, 'is a publishable key'],
      [`sk_${'live_'}${'x'.repeat(24)}`, 'is a secret key with all rights'],
      ['x'.repeat(32), 'must begin with rk_live_ or rk_test_.'],
    ],
  },
  'github-fine-grained-token': {
    good: [`github_${'pat_'}${word.slice(0, 22)}_${word}${word.slice(0, 19)}`],
    bad: [
      [`ghp${'_'}${word.slice(0, 36)}`, 'is a classic token'],
      [`github_${'pat_'}${word.slice(0, 22)}`, 'must have at least 40 characters'],
    ],
  },
  'github-classic-token': {
    good: [`ghp${'_'}${word.slice(0, 36)}`],
    bad: [
      [`github_${'pat_'}${word.slice(0, 22)}_${word}`, 'is a fine-grained token'],
      [`ghs${'_'}${word.slice(0, 36)}`, 'is a token of an app'],
      [`ghp${'_'}${word.slice(0, 20)}`, 'must have at least 36 characters'],
      [hex, 'must begin with ghp_.'],
    ],
  },
  'github-app-token': {
    good: ['s', 'u', 'o'].map((kind) => `gh${kind}_${word.slice(0, 36)}`),
    bad: [
      [`ghp${'_'}${word.slice(0, 36)}`, 'is a classic token'],
      [`ghr${'_'}${word.slice(0, 36)}`, 'must begin with ghs_, ghu_ or gho_.'],
    ],
  },
  'figma-token': {
    good: [`figd${'_'}${word}`, `figu${'_'}${word.slice(0, 20)}-_`],
    bad: [
      [`fig_${word}`, 'must begin with figd_ or figu_.'],
      [`figd${'_'}${word.slice(0, 10)}`, 'must have at least 20 characters'],
    ],
  },
  'anthropic-key': {
    good: [`sk-${'ant-'}api03-${word}-${word}AA`],
    bad: [
      [`sk-${'proj-'}${word}`, 'must begin with sk-ant-.'],
      [`sk-${'ant-'}api03`, 'must have at least 20 characters'],
    ],
  },
  'openai-key': {
    good: [`sk-${word}`, `sk-${'proj-'}${word}_-${word}`, `sk-${'svcacct-'}${word}`],
    bad: [
      [`sk-${'ant-'}api03-${word}`, 'is a key of Anthropic'],
      [`sk_${'live_'}${word}`, 'must begin with sk-.'],
      ['sk-short', 'must have at least 20 characters'],
    ],
  },
  'slack-bot-token': {
    good: [`xoxb${'-'}123456789012-123456789012-${word.slice(0, 24)}`],
    bad: [
      [`xoxp${'-'}123456789012-123456789012-${word}`, 'is a user token'],
      [`xapp${'-'}1-A12-123456789012-${hex}`, 'is an app token'],
      [`xoxb${'-'}12`, 'must have at least 20 characters'],
    ],
  },
  'slack-user-token': {
    good: [`xoxp${'-'}123456789012-123456789012-123456789012-${hex}`],
    bad: [[`xoxb${'-'}123456789012-123456789012-${word}`, 'is a bot token']],
  },
  'slack-app-token': {
    good: [`xapp${'-'}1-A0123456789-123456789012-${hex}${hex}`],
    bad: [
      [`xoxb${'-'}123456789012-123456789012-${word}`, 'is a bot token'],
      [`xapp${'-'}1-A0123456789-123456789012-${hex}_`, 'must have only letters, digits and "-"'],
    ],
  },
  'database-url': {
    good: [
      'postgres://app:p%40ss@db.example:5432/orders?sslmode=require',
      'postgresql+asyncpg://app:pass@db.example/orders',
      'postgres://app:pass@/orders?host=/cloudsql/project:region:db',
      'postgresql://app:pass@%2Fvar%2Frun%2Fpostgresql/orders',
      'postgres://app:pass@a.example:5432,b.example:5433/orders',
      'mysql://app:pass@db.example/orders',
      'mysql+pymysql://app:pass@127.0.0.1/orders',
      'mongodb://app:pass@a.example:27017,b.example:27017/orders?replicaSet=rs0',
      'mongodb://db.example:27017/?appName=a@b',
      'mongodb+srv://app:pass@cluster.example/orders',
      'redis://:pass@[::1]:6379/0',
      'rediss://default:pass@cache.example',
    ],
    bad: [
      ['db.example:5432', 'must be a URL such as'],
      ['jdbc:postgresql://db.example/orders', 'must be without "jdbc:"'],
      ['https://app:pass@db.example', 'must begin with one of postgres, '],
      ['postgres+://app:pass@db.example', 'must begin with one of postgres, '],
      ['postgres://app:p@ss@db.example/orders', 'percent-encoded'],
      ['postgres://app:p#ss@db.example/orders', 'percent-encoded'],
      ['postgres://app:12/3@db.example/orders', 'percent-encoded'],
      ['postgres://app:1?3@db.example/orders', 'percent-encoded'],
      ['postgres://app:100%@db.example/orders', 'written %25'],
      ['postgres://app:pass@', 'must name a host.'],
      ['postgres:///orders', 'must name a host.'],
      ['postgres://app:pass@a.example,/orders', 'must name a host.'],
      ['postgres://app:pass@db.example:70000/orders', 'must have a port from 1 to 65,535'],
      ['postgres://app:pass@db.example:port/orders', 'must have a port from 1 to 65,535'],
      ['postgres://app:pass@db^example/orders', 'must name a host that can be one'],
      [`mongodb://app:pass@${'a.example,'.repeat(50)}b.example`, 'must name at most 50 hosts'],
      ['mongodb+srv://app:pass@cluster.example:27017/orders', 'without a port'],
      ['mongodb+srv://app:pass@a.example,b.example/orders', 'must name one host'],
      ['postgres://app:[YOUR-PASSWORD]@db.example/orders', 'must have the password itself'],
      ['postgres://app:my pass@db.example/orders', 'must have no spaces'],
      ['"postgres://app:pass@db.example/orders"', 'without the quotes'],
      ['DATABASE_URL=postgres://app:pass@db.example/orders', 'must be the value alone'],
      [`redis://${'a'.repeat(9_000)}`, 'must be at most 8,192 characters'],
    ],
  },
  'jwt-key': {
    good: [
      word,
      `${hex}fedcba9876543210fedcba9876543210`,
      pem('PRIVATE KEY'),
      pem('RSA PRIVATE KEY', `Proc-Type: 4,ENCRYPTED\n\n${'Ab1/'.repeat(16)}\n${'Cd2+'.repeat(4)}`),
      pem('EC PRIVATE KEY', `${'Ab1/'.repeat(15)}Ab==`),
      `${pem('ENCRYPTED PRIVATE KEY')}\n`,
    ],
    bad: [
      ['a short one', 'must be at least 32 bytes long.'],
      [hex, 'must have at least 64 hexadecimal digits'],
      ['x'.repeat(40), 'must be random'],
      ['secret'.repeat(8), 'must be random'],
      ['ab'.repeat(40), 'must be random'],
      ['mnnmmnmn'.repeat(5).concat('mmnn'), 'must be random'],
      [` ${word}`, 'no spaces or line breaks around'],
      [`'${word}'`, 'without the quotes'],
      ['x'.repeat(20_000), 'must be at most 16,384'],
      [pem('PUBLIC KEY'), 'is a public key'],
      [pem('CERTIFICATE'), 'is a certificate'],
      [pem('OPENSSH PRIVATE KEY'), 'must be a private key.'],
      [pem('PRIVATE KEY').replaceAll('\n', '\\n'), 'must have line breaks'],
      [pem('PRIVATE KEY').replaceAll('\n', ' '), 'a line of its own'],
      [`${pem('PRIVATE KEY').slice(0, -30)}`, 'must end with'],
      [pem('PRIVATE KEY', 'not * base64'), 'must have only base64'],
      [pem('PRIVATE KEY', 'Ab1/'), 'must have at least 32 bytes.'],
    ],
  },
  custom: {
    good: ['x', ' anything at all ', 'é'.repeat(32_768), pem('CERTIFICATE')],
    bad: [
      ['x'.repeat(65_537), 'must be at most 64 KiB'],
      ['é'.repeat(32_769), 'must be at most 64 KiB'],
      ['\ud800', 'well-formed'],
    ],
  },
}

const sid = (begins: string): string => `${begins}${hex}`
type Fields = Readonly<Record<string, string>>

/** Presets of several fields: what is refused, in which field, with a part of the message. */
export const fieldSamples: Readonly<
  Record<string, { readonly good: Fields; readonly bad: readonly (readonly [Fields, string, string])[] }>
> = {
  'twilio-auth-token': {
    good: { accountSid: sid('AC'), authToken: hex },
    bad: [
      [{ accountSid: sid('SK') }, 'accountSid', 'the account begins with AC'],
      [{ accountSid: hex }, 'accountSid', 'must be AC and 32 hexadecimal digits.'],
      [{ accountSid: ` ${sid('AC')}` }, 'accountSid', 'must have no spaces'],
      [{ accountSid: '' }, 'accountSid', 'must not be empty.'],
      [{ authToken: sid('AC') }, 'authToken', 'is an identifier (SID)'],
      [{ authToken: word.slice(0, 32) }, 'authToken', 'must be 32 hexadecimal digits.'],
      [{ authToken: `"${hex}"` }, 'authToken', 'without the quotes'],
      [{ [word]: 'x' }, 'fields', 'must be no others than accountSid, authToken.'],
    ],
  },
  'twilio-api-key': {
    good: { accountSid: sid('AC'), keySid: sid('SK'), keySecret: word.slice(0, 32) },
    bad: [
      [{ keySid: sid('AC') }, 'keySid', 'is the SID of the account'],
      [{ keySecret: sid('SK') }, 'keySecret', 'is an identifier (SID)'],
      [{ keySecret: word }, 'keySecret', 'must be 32 letters and digits.'],
      [{ keySecret: `${word} ` }, 'keySecret', 'must have no spaces'],
    ],
  },
}
