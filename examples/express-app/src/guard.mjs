// What holds for every page of the app: its headers, its own host, and no writes that another site's page sends.
const headers = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Not 'no-referrer': with it, browsers send the app's own forms with the origin 'null'.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
}

/**
 * @param {string | undefined} origin as browsers know the app; undefined for any host of this machine
 * @returns {import('express').RequestHandler}
 */
export function guard(origin) {
  const ownHost = origin === undefined ? undefined : new URL(origin).host
  return (req, res, next) => {
    res.set(headers)
    const { host } = req
    const isOurs = ownHost === undefined ? /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host) : host === ownHost
    const isRead = req.method === 'GET' || req.method === 'HEAD'
    if (isOurs && (isRead || isFromHere(req))) next()
    else res.sendStatus(403)
  }
}

/** @param {import('express').Request} req */
function isFromHere(req) {
  const site = req.get('sec-fetch-site')
  const origin = req.get('origin')
  const isOwnOrigin = origin === undefined || (URL.canParse(origin) && new URL(origin).host === req.host)
  return isOwnOrigin && (site === undefined || site === 'same-origin')
}
