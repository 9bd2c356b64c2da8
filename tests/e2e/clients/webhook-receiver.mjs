// An app's webhook endpoint, on a free local port.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { verifyWebhook } from '@flowglad/server'
import { svixAccepts } from './webhook-signing.mjs'

export class WebhookReceiver {
  #server
  #deliveries = []
  #arrived = () => {}

  static async start() {
    const receiver = new WebhookReceiver()
    receiver.#server = createServer(async (request, response) => {
      const parts = []
      for await (const part of request) parts.push(part)
      receiver.#deliveries.push({ headers: request.headers, body: Buffer.concat(parts) })
      response.end()
      receiver.#arrived()
    })
    receiver.#server.listen(0, '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/hook`
  }

  /** Waits for `count` deliveries, checks each with the client's verifier and with svix, and returns their bodies. */
  async verified(secret, count) {
    while (this.#deliveries.length < count) {
      await new Promise((resolve) => {
        this.#arrived = resolve
      })
    }
    // The sandbox's clock may be ahead of the local clock, so the age of a delivery is not checked.
    return this.#deliveries.map(({ headers, body }) => {
      const delivery = { secrets: [secret], now: Number(headers['svix-timestamp']), headers: Object.entries(headers), body }
      assert.ok(svixAccepts(delivery), 'svix accepts it')
      return verifyWebhook(body, headers, secret, null)
    })
  }

  stop() {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
