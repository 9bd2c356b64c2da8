// A developer in front of the dashboard, whose app calls the API meanwhile.

import assert from 'node:assert/strict'

const KEY = process.env.FLOWGLAD_SECRET_KEY ?? 'sk_test_sandbox'
const FEW = 4
const HOME = 'https://app.example.com/'

export class SandboxUser {
  #page

  constructor(sandbox, page) {
    this.sandbox = sandbox
    this.#page = page
  }

  part(name) {
    return this.#page.getByRole('region', { name, exact: true })
  }

  button(name) {
    return this.#page.getByRole('button', { name, exact: true })
  }

  link(name) {
    return this.#page.getByRole('link', { name, exact: true })
  }

  async open(path) {
    await this.#page.goto(`${this.sandbox}${path}`)
  }

  /** Goes past the head of the page with its own link, by the keyboard. */
  async skipToContent() {
    await this.tabTo(this.link('Skip to the content'))
    await this.#page.keyboard.press('Enter')
    await this.#page.locator('main:focus').waitFor()
  }

  /** Presses Tab until this has the focus; it must be among the next few elements that can have it. */
  async tabTo(locator) {
    for (let presses = 0; presses < FEW; presses++) {
      await this.#page.keyboard.press('Tab')
      if (await locator.evaluate((element) => element === document.activeElement)) return
    }
    assert.fail(`${locator} is not reached with ${FEW} presses of Tab`)
  }

  /** Sends a request to the API, as an app does. */
  async api(path, body) {
    const answer = await fetch(`${this.sandbox}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: KEY, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.equal(answer.status, 200, await answer.clone().text())
    return await answer.json()
  }

  async newCustomer(externalId, name) {
    await this.api('/api/v1/customers', { customer: { externalId, name, email: `${externalId}@example.com` } })
  }

  /** Opens a checkout for Pro, which returns to `home`. Returns the URL of its page. */
  async checkout(externalId, home = HOME) {
    const session = { type: 'product', customerExternalId: externalId, priceSlug: 'pro_monthly' }
    const opened = await this.api('/api/v1/checkout-sessions', {
      checkoutSession: { ...session, successUrl: home, cancelUrl: home },
    })
    return opened.url
  }

  async buysPro(externalId, name) {
    await this.newCustomer(externalId, name)
    const id = (await this.checkout(externalId)).split('/').at(-1)
    await this.api(`/_sandbox/checkout-sessions/${id}/complete`, {})
  }

  async billing(externalId) {
    return await this.api(`/api/v1/customers/${externalId}/billing`)
  }

  /** The path of a customer's page on the dashboard. */
  async customerPath(externalId) {
    return `/dashboard/customers/${(await this.billing(externalId)).customer.id}`
  }

  /** The path of a customer's billing portal. */
  async portalPath(externalId) {
    const { billingPortalUrl, customer } = await this.billing(externalId)
    return `${new URL(billingPortalUrl).pathname}/${customer.id}`
  }

  async registerWebhook(url) {
    const { pricingModel } = await this.api('/api/v1/pricing-models/default')
    const filterTypes = ['customer.created', 'payment.succeeded']
    await this.api('/api/v1/webhooks', { webhook: { name: 'App', url, pricingModelId: pricingModel.id, filterTypes } })
  }
}
