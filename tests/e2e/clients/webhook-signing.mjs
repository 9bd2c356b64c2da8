// Signs deliveries of webhooks as Svix does, and verifies them with the packages that apps in JavaScript use.

import { createHmac } from 'node:crypto'
import { verifyWebhook } from '@flowglad/server'
import { Webhook } from 'svix'

const PREFIX = 'whsec_'

/** The signature of a delivery, made by svix. `time` is in seconds. */
export function signature(secret, id, time, body) {
  return new Webhook(secret).sign(id, new Date(time * 1000), body)
}

/** The signature of texts and bytes that svix would change before it signs them: each part is signed as it is. */
export function rawSignature(secret, id, time, body) {
  const key = Buffer.from(secret.replace(PREFIX, ''), 'base64')
  const hash = createHmac('sha256', key).update(`${id}.${time}.`).update(body)
  return `v1,${hash.digest('base64')}`
}

/** Whether svix accepts a delivery with one of the secrets. `headers` is a list of names and values. */
export function svixAccepts({ secrets, now, headers, body }) {
  return at(now, () => secrets.some((secret) => succeeds(() => new Webhook(secret).verify(body, received(headers)))))
}

/** Whether `verifyWebhook` of @flowglad/server accepts a delivery with one of the secrets. */
export function flowgladAccepts({ secrets, now, headers, body }) {
  return at(now, () => secrets.some((secret) => succeeds(() => verifyWebhook(body, received(headers), secret))))
}

/** The headers as a server of Node.js hands them over: values of one name are joined. */
function received(headers) {
  const joined = {}
  for (const [name, value] of headers) joined[name] = name in joined ? `${joined[name]}, ${value}` : value
  return joined
}

function succeeds(act) {
  try {
    act()
    return true
  } catch {
    return false
  }
}

/** Both packages read the time from here. */
function at(now, act) {
  const clock = Date.now
  Date.now = () => now * 1000
  try {
    return act()
  } finally {
    Date.now = clock
  }
}
