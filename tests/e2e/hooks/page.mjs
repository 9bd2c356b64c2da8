// Drives the page with every hook: reads the values of a hook, presses a button, reads the result.

import assert from 'node:assert/strict'

export const BILLING = 'useBilling()'
export const USAGE_METERS = 'useUsageMeters()'
export const FILTERED_USAGE_METERS = 'useUsageMeters({ subscriptionId })'
export const USAGE_METER = "useUsageMeter('api_calls')"
export const UNKNOWN_USAGE_METER = "useUsageMeter('no_such_meter')"
export const RESOURCES = 'useResources()'
export const RESOURCE = 'useResource(resourceSlug)'

/** Functions that send a request: the action, and what the hook writes to the console if it is refused. */
const REQUESTS = {
  createCheckoutSession: ['checkout-sessions/create', 'Checkout session creation'],
  createAddPaymentMethodCheckoutSession: ['checkout-sessions/create-add-payment-method', 'Checkout session creation'],
  createActivateSubscriptionCheckoutSession: [
    'checkout-sessions/create-activate-subscription',
    'Checkout session creation',
  ],
  cancelSubscription: ['subscriptions/cancel', 'Subscription cancellation'],
  uncancelSubscription: ['subscriptions/uncancel', 'Subscription uncancellation'],
  createUsageEvent: ['usage-events/create', 'Usage event creation'],
  // These throw, and write nothing to the console.
  adjustSubscription: ['subscriptions/adjust'],
  claim: ['resources/claim'],
  release: ['resources/release'],
}

export class HooksPage {
  #watcher
  #sent = []

  constructor(page, watcher, app) {
    this.page = page
    this.address = `${app}/hooks.html`
    this.app = app
    this.#watcher = watcher
    page.on('request', (request) => this.#sent.push(request.url()))
  }

  async open() {
    await this.page.goto(this.address)
  }

  async signIn(person) {
    await signIn(this.page.request, this.app, person)
    await this.open()
  }

  hook(call) {
    return this.page.getByRole('region', { name: call, exact: true })
  }

  functionOf(hook, name) {
    return this.hook(hook).getByRole('group', { name, exact: true })
  }

  /** Waits until the hook has these values, by their names on the page. */
  async holds(hook, values) {
    for (const [name, value] of Object.entries(values)) {
      const expected = typeof value === 'string' ? value : `${JSON.stringify(value, null, 2)}`
      const shown = this.#value(hook, name)
      await shown.waitFor()
      const agrees = ([element, text]) => element.textContent === text
      const found = this.page.waitForFunction(agrees, [await shown.elementHandle(), expected])
      await found.catch(async () => assert.equal(await shown.textContent(), expected, `${hook}: ${name}`))
    }
  }

  /** The current text of one of the hook's values. */
  async text(hook, name) {
    return await this.#value(hook, name).textContent()
  }

  async read(hook, name) {
    return JSON.parse(await this.text(hook, name))
  }

  /** The id of the current subscription of `useBilling`. */
  async currentSubscription() {
    return (await this.read(BILLING, 'currentSubscription')).id
  }

  /** Presses a button. Returns what the hook's function resolved with, or the message that it threw. */
  async call(name, variant, hook = BILLING) {
    await this.functionOf(hook, name).getByRole('button', { name: variant, exact: true }).click()
    const last = this.hook('Last call')
    await last.getByRole('heading', { name: `${name}: ${variant}`, exact: true }).waitFor()
    const [resolved, threw] = [last.getByRole('status'), last.getByRole('alert')]
    await resolved.or(threw).waitFor()
    if (await threw.isVisible()) return { threw: await threw.locator('pre').textContent() }
    const text = await resolved.locator('pre').textContent()
    return { resolved: text === 'undefined' ? undefined : JSON.parse(text) }
  }

  /** Like `call`, for a function whose single request the server refuses, for example with `404 not_found`. */
  async refused(name, variant, refusal, hook = BILLING) {
    const [action, subject] = REQUESTS[name]
    const [status, code] = refusal.split(' ')
    const before = this.sent(action)
    this.expectRefusal(action, Number(status))
    if (subject) this.#watcher.expectLogged(`FlowgladContext: ${subject} failed`)
    const answer = this.page.waitForResponse(this.#url(action))
    const outcome = await this.call(name, variant, hook)
    const { data, error } = await (await answer).json()
    assert.deepEqual([data, error.code, error.json.message], [null, code, error.message])
    assert.equal(this.sent(action) - before, 1, `requests to ${action}`)
    return outcome
  }

  expectRefusal(action, status, times = 1) {
    this.#watcher.expectRefusal(this.#url(action), status, times)
  }

  /** How often the page has requested an action so far. */
  sent(action) {
    return this.#sent.filter((url) => url === this.#url(action)).length
  }

  async quiet() {
    await this.#watcher.quiet()
  }

  async giveSubscription(id) {
    await this.page.getByLabel('Given subscription', { exact: true }).fill(id)
    await this.page.getByRole('button', { name: 'Use it', exact: true }).click()
  }

  /** Completes a hosted checkout without its page, through the sandbox's control API. */
  async pay({ id, url }) {
    const answer = await this.page.request.post(new URL(`/_sandbox/checkout-sessions/${id}/complete`, url).href)
    assert.equal(answer.status(), 200, await answer.text())
  }

  #value(hook, name) {
    return this.hook(hook).getByLabel(name, { exact: true })
  }

  #url(action) {
    return `${this.app}/api/flowglad/${action}`
  }
}

export async function signIn(request, app, person) {
  const answer = await request.post(`${app}/login`, { data: person })
  assert.equal(answer.status(), 204)
}
