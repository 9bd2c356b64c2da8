// The sandbox under test: clients for it, its control API, and a pricing model for the tests.

import { readFile } from 'node:fs/promises'
import { Flowglad } from '@flowglad/node'
import { FlowgladServer, FlowgladServerAdmin } from '@flowglad/server'

const STARTER = new URL('../../../flowglad-sandbox/pricing_models/starter_saas.json', import.meta.url)

export class Sandbox {
  #baseURL
  #apiKey

  constructor(baseURL, apiKey) {
    this.#baseURL = baseURL
    this.#apiKey = apiKey
  }

  static fromEnvironment() {
    const { FLOWGLAD_BASE_URL, FLOWGLAD_SECRET_KEY } = process.env
    if (!FLOWGLAD_BASE_URL || !FLOWGLAD_SECRET_KEY) {
      console.error('FLOWGLAD_BASE_URL and FLOWGLAD_SECRET_KEY must name a running sandbox and its key')
      process.exit(2)
    }
    return new Sandbox(FLOWGLAD_BASE_URL, FLOWGLAD_SECRET_KEY)
  }

  /** The client for the whole API. It does not retry, so that a step sees the first response. */
  node() {
    return new Flowglad({ baseURL: this.#baseURL, apiKey: this.#apiKey, maxRetries: 0 })
  }

  admin() {
    return new FlowgladServerAdmin({ baseURL: this.#baseURL, apiKey: this.#apiKey, maxRetries: 0 })
  }

  /** The client for one signed-in user. It retries as it does for apps; the sandbox must prevent that. */
  server(externalId) {
    return new FlowgladServer({
      baseURL: this.#baseURL,
      apiKey: this.#apiKey,
      customerExternalId: externalId,
      getCustomerDetails: async () => ({ name: `Person ${externalId}`, email: `${externalId}@example.com` }),
    })
  }

  /** Makes the starter model the default one and adds two plans, for scenarios that start without data. */
  async setUpPricingModel() {
    const form = JSON.parse(await readFile(STARTER, 'utf8'))
    form.products.push(plan('Team', 5000, ['export_csv', 'pro_seats']), plan('Lite', 500, ['export_csv']))
    const { pricingModel } = await this.node().post('/api/v1/pricing-models/setup', { body: form })
    return pricingModel
  }

  /** Completes a checkout session as a user does on its page. */
  async complete(session) {
    return this.#sideDoor(`checkout-sessions/${session.id}/complete`, {})
  }

  /** Advances the sandbox's clock, which runs everything that becomes due. */
  async advance(days) {
    return this.#sideDoor('advance', { days })
  }

  async #sideDoor(path, body) {
    const response = await fetch(`${this.#baseURL}/_sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`POST /_sandbox/${path}: ${response.status} ${text}`)
    return JSON.parse(text)
  }
}

function plan(name, unitPrice, features) {
  const slug = name.toLowerCase()
  return {
    product: { name, slug, active: true },
    price: {
      type: 'subscription',
      name: `${name} monthly`,
      slug: `${slug}_monthly`,
      unitPrice,
      intervalUnit: 'month',
      intervalCount: 1,
      isDefault: true,
      active: true,
    },
    features,
  }
}
