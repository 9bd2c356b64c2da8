import assert from 'node:assert/strict'
import * as on from './page.mjs'
import { invalid } from './refusals.mjs'

const PRODUCT = 'createCheckoutSession'
const CARD = 'createAddPaymentMethodCheckoutSession'
const ACTIVATION = 'createActivateSubscriptionCheckoutSession'

export async function checkouts({ story, hooks }) {
  await story.step('checkout', 'All three checkouts resolve with an id and the address of a hosted page.', async () => {
    const calls = [
      [PRODUCT, 'price slug'],
      [PRODUCT, 'price id'],
      [CARD, 'no target'],
      [CARD, 'own subscription'],
      [ACTIVATION, 'own subscription'],
    ]
    for (const [name, variant] of calls) {
      const { id, url, ...more } = (await hooks.call(name, variant)).resolved
      assert.match(id, /^chckt_session_/)
      assert.ok(new URL(url).pathname.endsWith(id), url)
      assert.deepEqual(more, {})
    }
  })

  await story.step('checkout-refused', 'Refused, createCheckoutSession resolves with the error.', async () => {
    const unknown = await hooks.refused(PRODUCT, 'unknown slug', '404 not_found')
    assert.equal(unknown.resolved.error.code, 'not_found')
    const script = await hooks.refused(PRODUCT, 'javascript: URL', '400 validation_error')
    assert.deepEqual(script, invalid('successUrl', "must be http, https or an app's own scheme"))
    const none = await hooks.refused(PRODUCT, 'quantity 0', '400 validation_error')
    assert.deepEqual(none, invalid('quantity', 'must be a whole number, 1 or more'))
  })

  await story.step('checkout-no-url', 'Of a relative URL it throws, without a request.', async () => {
    const before = hooks.sent('checkout-sessions/create')
    const { threw } = await hooks.call(PRODUCT, 'no URL')
    assert.match(threw, /invalid `successUrl`/)
    assert.equal(hooks.sent('checkout-sessions/create'), before)
  })

  await story.step('other-checkouts-refused', 'The other checkouts resolve with the error as well.', async () => {
    const script = await hooks.refused(CARD, 'javascript: URL', '400 validation_error')
    assert.deepEqual(script, invalid('cancelUrl', "must be http, https or an app's own scheme"))
    const unknown = await hooks.refused(ACTIVATION, 'unknown subscription', '404 not_found')
    assert.equal(unknown.resolved.error.code, 'not_found')
    const empty = await hooks.refused(ACTIVATION, 'given subscription', '400 validation_error')
    assert.deepEqual(empty.resolved.error.json.issues.map((issue) => issue.path), [['targetSubscriptionId']])
  })
}

export async function buyPro({ story, hooks }) {
  await story.step('hosted-page', 'With autoRedirect the browser goes to the hosted page.', async () => {
    const button = hooks.functionOf(on.BILLING, PRODUCT).getByRole('button', { name: 'price slug, then go there' })
    await button.click()
    await hooks.page.waitForURL((url) => url.origin !== hooks.app)
    await hooks.page.getByText('$20.00').first().waitFor()
  })

  await story.step('pro', 'They pay, come back, and every hook holds Pro.', async () => {
    await hooks.page.getByRole('button', { name: /^Pay/ }).click()
    await hooks.page.waitForURL(hooks.address)
    await hooks.holds(on.BILLING, {
      errors: null,
      subscriptions: ['canceled: Free Subscription', 'active: Pro - Pro monthly'],
      purchases: ['Pro'],
      invoices: ['$20.00, paid'],
      paymentMethods: ['card 4242'],
    })
    const { id, ...subscription } = await hooks.read(on.BILLING, 'currentSubscription')
    assert.deepEqual(subscription, { plan: 'pro', status: 'active', ends: false, items: ['1 × pro_monthly'] })
    await hooks.holds(on.BILLING, { currentSubscriptions: [id] })
    await hooks.holds(on.USAGE_METER, { usageMeter: 'API calls: 1000' })
    await hooks.holds(on.RESOURCES, { resources: ['seats: 0 of 5 claimed, 5 left'] })
    await hooks.holds(on.RESOURCE, { usage: 'seats: 0 of 5 claimed, 5 left', claims: [] })
  })

  await story.step('pro-reads', 'The look-ups know Pro.', async () => {
    const reads = [
      ['checkFeatureAccess', 'export_csv', true],
      ['checkFeatureAccess', 'own subscription', true],
      ['checkFeatureAccess', 'unknown subscription', false],
      ['hasPurchased', 'pro', true],
      ['hasPurchased', 'credit_pack', false],
    ]
    for (const [name, variant, resolved] of reads) {
      assert.deepEqual(await hooks.call(name, variant), { resolved }, `${name}: ${variant}`)
    }
    assert.equal((await hooks.call('checkUsageBalance', 'own subscription')).resolved.availableBalance, 1000)
  })

  await story.step('credit-pack', 'A paid pack and a saved card are there after reload.', async () => {
    await hooks.pay((await hooks.call(PRODUCT, 'price id')).resolved)
    await hooks.pay((await hooks.call(CARD, 'own subscription')).resolved)
    assert.deepEqual(await hooks.call('hasPurchased', 'credit_pack'), { resolved: false })
    assert.deepEqual(await hooks.call('reload', 'billing'), { resolved: undefined })
    assert.deepEqual(await hooks.call('hasPurchased', 'credit_pack'), { resolved: true })
    await hooks.holds(on.BILLING, {
      invoices: ['$20.00, paid', '$9.00, paid'],
      paymentMethods: ['card 4242', 'card 4242'],
    })
    assert.equal((await hooks.call('checkUsageBalance', 'api_calls')).resolved.availableBalance, 1500)
  })
}
