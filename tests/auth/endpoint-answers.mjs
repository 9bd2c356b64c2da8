// What the session endpoints of Auth.js, NextAuth and Better Auth answer.
//
//   node endpoint-answers.mjs     writes endpoints.json, from which flowglad-core's tests answer, and better-auth-token.json

import { writeFile } from 'node:fs/promises'
import './clock.mjs'

const { authJsApp, nextAuthApp } = await import('./real-cookies.mjs')
const { betterAuthApp } = await import('./better-auth-app.mjs')

const answers = []
const add = (provider, name, cookie, body) => answers.push({ provider, name, cookie, body })

for (const [name, app] of [
  ['Auth.js', authJsApp({ secret: 'a secret' })],
  ['Auth.js with https, in parts', authJsApp({ secret: 'a secret', https: true, long: true })],
  ['NextAuth', nextAuthApp({ secret: 'a secret' })],
]) {
  const cookie = await app.signIn()
  add('authjs', name, cookie, await app.session(cookie))
  add('authjs', `${name}: a cookie that was changed`, `${cookie}x`, await app.session(`${cookie}x`))
}

const app = betterAuthApp()
const session = async (name, cookie) =>
  add('better-auth', name, cookie, await (await app.get('/get-session?disableRefresh=true', cookie)).json())
const cookie = await app.signUp()
await session('Better Auth', cookie)
await app.createOrganization(cookie)
await session('Better Auth, in an organization', cookie)
await session('Better Auth: a cookie that was changed', `${cookie.slice(0, -8)}AAAAA%3D`)
const { token } = await (await app.get('/token', cookie)).json()
const keys = await (await app.get('/jwks')).text()
await writeFile(new URL('better-auth-token.json', import.meta.url), `${JSON.stringify({ token, keys }, null, 2)}\n`)
await app.signOut(cookie)
await session('Better Auth: signed out', cookie)
const secure = betterAuthApp({ baseURL: 'https://app.example.com', https: true })
const other = await secure.signUp()
add('better-auth', 'Better Auth with https', other, await (await secure.get('/get-session', other)).json())

const lines = answers.map((answer) => `  ${JSON.stringify(answer)}`)
await writeFile(new URL('endpoints.json', import.meta.url), `[\n${lines.join(',\n')}\n]\n`)
console.log(`${answers.length} answers`)
