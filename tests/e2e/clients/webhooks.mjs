// The signatures of webhooks, checked with svix and @flowglad/server: those of the vectors, and live ones that a receiver of
// this repository gets.

import assert from 'node:assert/strict'
import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { flowgladAccepts, signature, svixAccepts } from './webhook-signing.mjs'
import { asText, committed, makeVectors } from './webhook-vectors.mjs'

const OBJECTS = ['customer', 'subscription', 'payment', 'purchase', 'something-new']
const DELIVERIES = 300

export async function webhooks(report) {
  await report.step('tests/webhooks/vectors.json has the signatures and verdicts of svix and @flowglad/server', async () => {
    assert.equal(await committed(), asText(makeVectors()))
  })
  const receiver = Receiver.fromEnvironment()
  await report.step(`${DELIVERIES} deliveries that svix signs now are accepted by svix, @flowglad/server and the receiver`, async () => {
    for (let number = 0; number < DELIVERIES; number += 1) await receiver.ensureAccepted(delivery(receiver.secret))
  })
  await report.step('   and one of them is accepted again and again', async () => {
    const sent = delivery(receiver.secret)
    for (let time = 0; time < 5; time += 1) await receiver.ensureAccepted(sent)
  })
  await report.step('   and none of them after a change of one bit', async () => {
    for (let number = 0; number < DELIVERIES; number += 1) await receiver.ensureRefused(changed(delivery(receiver.secret)))
  })
  await report.step('   nor those of another secret, or of another time', async () => {
    await receiver.ensureRefused(delivery(`whsec_${randomBytes(24).toString('base64')}`))
    await receiver.ensureRefused(delivery(receiver.secret, -310))
    await receiver.ensureRefused(delivery(receiver.secret, 310))
  })
}

/** The receiver of this repository, as a running program. */
class Receiver {
  constructor(url, secret) {
    this.url = url
    this.secret = secret
  }

  static fromEnvironment() {
    const { FLOWGLAD_WEBHOOK_URL, FLOWGLAD_WEBHOOK_SECRET } = process.env
    assert.ok(FLOWGLAD_WEBHOOK_URL && FLOWGLAD_WEBHOOK_SECRET, 'they name a running receiver and its secret')
    return new Receiver(FLOWGLAD_WEBHOOK_URL, FLOWGLAD_WEBHOOK_SECRET)
  }

  async ensureAccepted(sent) {
    assert.ok(this.#isAccepted(svixAccepts, sent), 'svix accepts it')
    // It knows one family of headers.
    if ('svix-id' in sent.headers) assert.ok(this.#isAccepted(flowgladAccepts, sent), '@flowglad/server accepts it')
    const { status, text } = await this.#send(sent)
    assert.equal(status, 204, text)
  }

  async ensureRefused(sent) {
    assert.ok(!this.#isAccepted(svixAccepts, sent), 'svix refuses it')
    assert.ok(!this.#isAccepted(flowgladAccepts, sent), '@flowglad/server refuses it')
    const { status, text } = await this.#send(sent)
    assert.equal(status, 400, text)
    assert.equal(JSON.parse(text).error.code, 'invalid_signature')
  }

  #isAccepted(accepts, { headers, body }) {
    return accepts({ secrets: [this.secret], now: now(), headers: Object.entries(headers), body })
  }

  async #send({ headers, body }) {
    const response = await fetch(this.url, { method: 'POST', headers, body })
    return { status: response.status, text: await response.text() }
  }
}

/** An event with random parts, signed by svix `later` seconds from now, with the headers of one family. */
function delivery(secret, later = 0) {
  const id = `msg_${randomUUID()}`
  const time = now() + later
  const object = OBJECTS[randomInt(OBJECTS.length)]
  const customer = { id: `cust_${randomInt(1000)}`, externalId: `user ${String.fromCodePoint(0x4e00 + randomInt(20_000))}` }
  const event = { object, id: randomUUID(), customer, note: randomBytes(randomInt(2_000)).toString('latin1') }
  const body = Buffer.from(JSON.stringify(event, null, randomInt(3)))
  const family = randomInt(2) === 0 ? 'svix' : 'webhook'
  const named = { id, timestamp: String(time), signature: signature(secret, id, time, body) }
  const headers = Object.entries(named).map(([part, value]) => [`${family}-${part}`, value])
  return { headers: Object.fromEntries(headers), body }
}

/** The same delivery with one bit of its body changed. */
function changed({ headers, body }) {
  const other = Buffer.from(body)
  other[randomInt(other.length)] ^= 1 << randomInt(8)
  return { headers, body: other }
}

function now() {
  return Math.floor(Date.now() / 1000)
}
