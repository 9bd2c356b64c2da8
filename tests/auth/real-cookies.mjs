// Session cookies from the packages themselves: a user signs in at an app of each, in this process.

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Auth } from '@auth/core'
import Credentials from '@auth/core/providers/credentials'

const require = createRequire(import.meta.url)
const ADA = { id: 'user_ada', name: 'Ada Lovelace', email: 'ada@example.com' }
/** So much that the cookie is cut into parts. */
const LONG = Array.from({ length: 60 }, (_, index) => `permission ${index} ${'x'.repeat(40)}`)

const pairs = (setCookies) =>
  Object.fromEntries(
    setCookies
      .map((cookie) => cookie.split(';')[0])
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  )
const header = (cookies) => Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ')
const sessionOnly = (cookies) =>
  header(Object.fromEntries(Object.entries(cookies).filter(([name, value]) => name.includes('session-token') && value !== '')))

/** An Auth.js app. */
export function authJsApp({ secret, https = false, long = false, cookieName, basePath = '/auth' }) {
  const base = `${https ? 'https' : 'http'}://app.example.com${basePath}`
  const config = {
    secret,
    basePath,
    trustHost: true,
    useSecureCookies: https,
    providers: [Credentials({ credentials: {}, authorize: () => ADA })],
    callbacks: {
      jwt: ({ token }) => (long ? { ...token, permissions: LONG } : token),
      session: ({ session, token }) => ({ ...session, user: { ...session.user, id: token.sub } }),
    },
    logger: { debug() {}, warn() {}, error() {} },
    ...(cookieName && { cookies: { sessionToken: { name: cookieName, options: { httpOnly: true, path: '/' } } } }),
  }
  const session = (cookie) =>
    Auth(new Request(`${base}/session`, { headers: cookie ? { cookie } : {} }), config).then((answer) => answer.json())
  const signIn = async () => {
    const csrf = await Auth(new Request(`${base}/csrf`), config)
    const { csrfToken } = await csrf.json()
    const headers = {
      cookie: header(pairs(csrf.headers.getSetCookie())),
      'content-type': 'application/x-www-form-urlencoded',
    }
    const body = new URLSearchParams({ csrfToken })
    const answer = await Auth(new Request(`${base}/callback/credentials`, { method: 'POST', headers, body }), config)
    return sessionOnly(pairs(answer.headers.getSetCookie()))
  }
  return { handler: (request) => Auth(request, config), signIn, session }
}

/** A NextAuth app, version 4. */
export function nextAuthApp({ secret, https = false, long = false }) {
  // Its package does not export the handler without Next.js around it.
  const { AuthHandler } = require(join(dirname(require.resolve('next-auth')), 'core/index.js'))
  const credentials = require('next-auth/providers/credentials').default
  const options = {
    secret,
    useSecureCookies: https,
    providers: [credentials({ credentials: {}, authorize: () => ADA })],
    callbacks: {
      jwt: ({ token }) => (long ? { ...token, permissions: LONG } : token),
      session: ({ session, token }) => ({ ...session, user: { ...session.user, id: token.sub } }),
    },
    logger: { debug() {}, warn() {}, error() {} },
  }
  const origin = `${https ? 'https' : 'http'}://app.example.com`
  const handle = (request) => AuthHandler({ req: { origin, headers: {}, query: {}, cookies: {}, ...request }, options })
  const made = (answer) => Object.fromEntries((answer.cookies ?? []).map(({ name, value }) => [name, value]))
  const session = async (cookie) =>
    (await handle({ method: 'GET', action: 'session', cookies: cookie ? parsed(cookie) : {} })).body
  const signIn = async () => {
    const csrf = await handle({ method: 'GET', action: 'csrf' })
    const body = { csrfToken: csrf.body.csrfToken }
    const request = { method: 'POST', action: 'callback', providerId: 'credentials', body, cookies: made(csrf) }
    return sessionOnly(made(await handle(request)))
  }
  return { signIn, session }
}

/** As Node.js apps read cookies: of two with one name, the first. */
function parsed(cookie) {
  const cookies = {}
  for (const pair of cookie.split(';')) {
    const [name, ...value] = pair.trim().split('=')
    cookies[name] ??= value.join('=')
  }
  return cookies
}
