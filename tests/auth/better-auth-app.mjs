// A Better Auth app that keeps its users in memory, with the organization and JWT plug-ins.

import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { jwt, organization } from 'better-auth/plugins'

const TABLES = ['user', 'session', 'account', 'verification', 'organization', 'member', 'invitation', 'jwks']
const PASSWORD = 'correct horse battery staple'

/** The app at a base URL: `handler` takes a request to it. */
export function betterAuthApp({ baseURL = 'http://127.0.0.1:3000', https = false } = {}) {
  const { handler } = betterAuth({
    baseURL,
    secret: 'a secret of the app that is long enough: J7s0kq9wQv',
    database: memoryAdapter(Object.fromEntries(TABLES.map((table) => [table, []]))),
    emailAndPassword: { enabled: true },
    plugins: [organization(), jwt()],
    advanced: { useSecureCookies: https },
    telemetry: { enabled: false },
    logger: { disabled: true },
  })
  const post = (path, body, cookie) => {
    const headers = { 'content-type': 'application/json', origin: baseURL, ...(cookie && { cookie }) }
    return handler(new Request(`${baseURL}/api/auth${path}`, { method: 'POST', headers, body: JSON.stringify(body) }))
  }
  const get = (path, cookie) => handler(new Request(`${baseURL}/api/auth${path}`, { headers: cookie ? { cookie } : {} }))

  /** Signs a new user up, and returns the `Cookie` header. */
  const signUp = async ({ name = 'Ada Lovelace', email = 'ada@example.com' } = {}) => {
    const answer = await post('/sign-up/email', { name, email, password: PASSWORD })
    const pairs = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0])
    return pairs.filter((pair) => pair.includes('session_token=')).join('; ')
  }
  /** Makes an organization, which then is the active one. */
  const createOrganization = async (cookie, name = 'Engines', slug = 'engines') =>
    (await post('/organization/create', { name, slug }, cookie)).json()
  const signOut = (cookie) => post('/sign-out', {}, cookie)
  return { handler, get, signUp, createOrganization, signOut }
}
