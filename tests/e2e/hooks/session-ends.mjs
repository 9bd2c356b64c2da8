import assert from 'node:assert/strict'
import * as on from './page.mjs'

const UNAUTHORIZED = '401 unauthorized'
const REFUSAL = 'Please sign in first.'

export async function sessionEnds({ story, hooks }) {
  await story.step('session-ends', 'When the session ends unseen, every function says so.', async () => {
    await hooks.page.context().clearCookies()
    const resolving = [
      ['createCheckoutSession', 'price slug'],
      ['createAddPaymentMethodCheckoutSession', 'no target'],
      ['createActivateSubscriptionCheckoutSession', 'own subscription'],
      ['createUsageEvent', 'meter slug'],
    ]
    for (const [name, variant] of resolving) {
      const { error } = (await hooks.refused(name, variant, UNAUTHORIZED)).resolved
      assert.deepEqual([error.code, error.json.message], ['unauthorized', REFUSAL], name)
    }
    const silent = [
      ['cancelSubscription', 'immediately'],
      ['uncancelSubscription', 'own subscription'],
    ]
    for (const [name, variant] of silent) {
      assert.deepEqual(await hooks.refused(name, variant, UNAUTHORIZED), { resolved: { subscription: null } }, name)
    }
    const adjust = await hooks.refused('adjustSubscription', 'price id', UNAUTHORIZED)
    assert.deepEqual(adjust, { threw: 'Subscription adjustment failed: 401 Unauthorized' })
    for (const name of ['claim', 'release']) {
      assert.deepEqual(await hooks.refused(name, 'quantity 1', UNAUTHORIZED, on.RESOURCES), { threw: REFUSAL }, name)
    }
  })

  await story.step('session-over', 'reload resolves, and useBilling holds nothing but the refusal.', async () => {
    hooks.expectRefusal('customers/billing', 401)
    assert.deepEqual(await hooks.call('reload', 'billing'), { resolved: undefined })
    await hooks.holds(on.BILLING, { loaded: true, errors: [REFUSAL], customer: null, functions: [] })
  })
}
