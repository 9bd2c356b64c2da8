// The control API of the sandbox that the example talks to.

import assert from 'node:assert/strict'

const { SANDBOX_URL } = process.env

/** The key of a sandbox that was started without one. */
const KEY = 'sk_test_sandbox'

/** Sends a request to the control API. Returns the JSON of the response. */
export async function control(method, path, body) {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${SANDBOX_URL}/_sandbox/${path}`, { method, headers, body: JSON.stringify(body) })
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`)
  return response.status === 204 ? null : await response.json()
}

/** Posts to the API of the sandbox, as another program of the same account does. Returns the JSON of the response. */
export async function platform(path, body) {
  const headers = { authorization: KEY, 'content-type': 'application/json' }
  const response = await fetch(`${SANDBOX_URL}/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  assert.ok(response.ok, `POST ${path}: ${response.status} ${await response.clone().text()}`)
  return await response.json()
}
