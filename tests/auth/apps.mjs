// Sign-in apps on this machine, for tests by hand and for browser tests.
//
//   node apps.mjs     prints one line of JSON with the addresses, and the cookies of a signed-in user of each

import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { betterAuthApp } from './better-auth-app.mjs'
import { authJsApp } from './real-cookies.mjs'

/** Serves a handler of `Request`s at 127.0.0.1, and returns the base URL and what closes it. */
async function serve(handlerAt) {
  let handler
  const server = createServer(async (request, response) => {
    const url = `${baseURL}${request.url}`
    const body = ['GET', 'HEAD'].includes(request.method) ? {} : { body: Readable.toWeb(request), duplex: 'half' }
    const answer = await handler(new Request(url, { method: request.method, headers: request.headers, ...body }))
    response.writeHead(answer.status, [...answer.headers].flat())
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseURL = `http://127.0.0.1:${server.address().port}`
  handler = handlerAt(baseURL)
  return { baseURL, close: () => server.close().closeAllConnections() }
}

/** Starts an Auth.js app and a Better Auth app, and signs a user in at each. */
export async function startApps({ secret = 'the secret of the app, which is long' } = {}) {
  const authJs = authJsApp({ secret, basePath: '/api/auth' })
  const authJsServer = await serve(() => authJs.handler)
  let betterAuth
  const betterAuthServer = await serve((baseURL) => (betterAuth = betterAuthApp({ baseURL })).handler)
  const cookie = await betterAuth.signUp()
  await betterAuth.createOrganization(cookie)
  const { token } = await (await betterAuth.get('/token', cookie)).json()
  const { user } = await (await betterAuth.get('/get-session', cookie)).json()
  return {
    authJs: { url: authJsServer.baseURL, secret, cookie: await authJs.signIn() },
    betterAuth: {
      url: betterAuthServer.baseURL,
      keys: `${betterAuthServer.baseURL}/api/auth/jwks`,
      cookie,
      token,
      userId: user.id,
    },
    close: () => [authJsServer, betterAuthServer].forEach((server) => server.close()),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(await startApps()))
}
