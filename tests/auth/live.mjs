// The example apps, asked by users of a running Auth.js app and of a running Better Auth app.
//
//   node live.mjs target/debug/example-axum …     built programs; each is started once for every way to sign in

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { startApps } from './apps.mjs'

const apps = await startApps()
const { authJs, betterAuth } = apps
const USER = { authjs: 'user_ada', 'better-auth': betterAuth.userId }

/** The ways to sign in: the settings of the example, and the headers of a signed-in user. */
const WAYS = [
  ['Auth.js, by the secret', { AUTH: 'authjs', AUTH_SECRET: authJs.secret }, { cookie: authJs.cookie }],
  ['Auth.js, by its endpoint', { AUTH: 'authjs', AUTH_URL: authJs.url }, { cookie: authJs.cookie }],
  ['Better Auth, by its endpoint', { AUTH: 'better-auth', BETTER_AUTH_URL: betterAuth.url }, { cookie: betterAuth.cookie }],
  [
    'Better Auth, by its keys',
    { AUTH: 'better-auth', BETTER_AUTH_URL: betterAuth.url, BETTER_AUTH_JWKS_URL: betterAuth.keys },
    { authorization: `Bearer ${betterAuth.token}` },
  ],
]

/** Starts an example with a sandbox of its own, and waits until it says where it listens. */
async function start(program, settings) {
  const { PATH } = process.env
  const child = spawn(program, { env: { PATH, PORT: '0', ...settings }, stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = line.match(/listening on (http:\S+)/) ?? []
    if (url) {
      child.stdout.resume()
      return { url, end: () => child.kill() }
    }
  }
  throw new Error(`${program} ended before it listened`)
}

async function billing(url, headers) {
  const post = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{}' }
  const answer = await fetch(`${url}/api/flowglad/customers/billing`, post)
  return { status: answer.status, body: await answer.json() }
}

/** The same headers with a session that was changed. */
const changed = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value}x`]))

for (const program of process.argv.slice(2)) {
  for (const [way, settings, headers] of WAYS) {
    const example = await start(program, settings)
    try {
      const signedIn = await billing(example.url, headers)
      assert.equal(signedIn.status, 200, `${way}: ${JSON.stringify(signedIn.body)}`)
      assert.equal(signedIn.body.data.customer.externalId, USER[settings.AUTH], way)
      assert.equal(signedIn.body.data.customer.email, 'ada@example.com', way)
      assert.equal((await billing(example.url, {})).status, 401, `${way}: signed out`)
      assert.equal((await billing(example.url, changed(headers))).status, 401, `${way}: a changed session`)
      console.log(`${program}: ${way}: accepted; signed out and changed: 401`)
    } finally {
      example.end()
    }
  }
}
apps.close()
