import assert from 'node:assert/strict'
import * as on from './page.mjs'

export async function subscriptionChanges({ story, hooks }) {
  const now = async () => {
    const { id, ...subscription } = await hooks.read(on.BILLING, 'currentSubscription')
    return subscription
  }
  const change = async (name, variant) => (await hooks.call(name, variant)).resolved.subscription
  const pro = (quantity, more) => {
    return { plan: 'pro', status: 'active', ends: false, items: [`${quantity} × pro_monthly`], ...more }
  }

  await story.step('adjust-refused', 'adjustSubscription throws the status of a refusal.', async () => {
    const none = await hooks.refused('adjustSubscription', 'quantity 0', '400 validation_error')
    assert.deepEqual(none, { threw: 'Subscription adjustment failed: 400 Bad Request' })
    const unknown = await hooks.refused('adjustSubscription', 'unknown slug', '502 flowglad_error')
    assert.deepEqual(unknown, { threw: 'Subscription adjustment failed: 502 Bad Gateway' })
  })

  await story.step('adjust', 'It resolves with the change, and useBilling holds it.', async () => {
    const adjusted = await change('adjustSubscription', 'price slug, quantity 2')
    assert.equal(adjusted.subscription.id, await hooks.currentSubscription())
    assert.equal(adjusted.resolvedTiming, 'immediately')
    assert.equal(adjusted.isUpgrade, true)
    assert.deepEqual(adjusted.subscriptionItems.map((item) => item.quantity), [2])
    assert.deepEqual(await now(), pro(2))
  })

  await story.step('adjust-seats', 'The seats change after the next request.', async () => {
    await hooks.call('invalidateQueries', 'RESOURCES_QUERY_KEY', on.RESOURCES)
    await hooks.holds(on.RESOURCES, { resources: ['seats: 0 of 10 claimed, 10 left'] })
    const before = hooks.sent('resources/claims')
    await hooks.call('invalidateQueries', 'RESOURCE_CLAIMS_QUERY_KEY', on.RESOURCES)
    assert.equal(hooks.sent('resources/claims') - before, 1)
  })

  await story.step('adjust-forms', 'By price id and by items it works as well.', async () => {
    const same = await change('adjustSubscription', 'price id')
    assert.deepEqual([same.resolvedTiming, same.isUpgrade], ['immediately', false])
    const more = await change('adjustSubscription', 'items')
    assert.deepEqual([more.resolvedTiming, more.isUpgrade], ['immediately', true])
    assert.deepEqual(await now(), pro(3))
  })

  await story.step('cancel', 'cancelSubscription at the period end resolves; useBilling holds the end.', async () => {
    const { subscription } = await change('cancelSubscription', 'at period end')
    assert.equal(subscription.status, 'cancellation_scheduled')
    assert.equal(subscription.cancelScheduledAt, subscription.currentBillingPeriodEnd)
    assert.deepEqual(await now(), pro(3, { status: 'cancellation_scheduled', ends: true }))
  })

  await story.step('cancel-then-adjust', 'A subscription that ends cannot be adjusted.', async () => {
    const { threw } = await hooks.refused('adjustSubscription', 'price slug, quantity 2', '409 cancellation_scheduled')
    assert.equal(threw, 'Subscription adjustment failed: 409 Conflict')
  })

  await story.step('uncancel', 'uncancelSubscription resolves, and the end is off.', async () => {
    const { subscription } = await change('uncancelSubscription', 'own subscription')
    assert.deepEqual([subscription.status, subscription.cancelScheduledAt], ['active', null])
    assert.deepEqual(await now(), pro(3))
  })

  await story.step('cancel-now', 'cancelSubscription at once brings the free plan back.', async () => {
    const { subscription } = await change('cancelSubscription', 'immediately')
    assert.equal(subscription.status, 'canceled')
    assert.deepEqual(await now(), { plan: 'free', status: 'active', ends: false, items: ['1 × free_monthly'] })
    await hooks.call('invalidateQueries', 'RESOURCES_QUERY_KEY', on.RESOURCES)
    await hooks.holds(on.RESOURCES, { error: null, resources: [] })
  })

  await story.step('adjust-later', 'Pro again, and less of it from the next period on.', async () => {
    await hooks.pay((await hooks.call('createCheckoutSession', 'price slug')).resolved)
    await hooks.call('reload', 'billing')
    await change('adjustSubscription', 'price slug, quantity 2')
    const less = await change('adjustSubscription', 'price slug, at period end')
    assert.deepEqual([less.resolvedTiming, less.isUpgrade], ['at_end_of_current_billing_period', false])
    assert.deepEqual(await now(), pro(2))
  })

  await story.step('adjust-then-cancel', 'A subscription that changes cannot be canceled.', async () => {
    const outcome = await hooks.refused('cancelSubscription', 'immediately', '409 adjustment_scheduled')
    assert.deepEqual(outcome, { resolved: { subscription: null } })
    assert.deepEqual(await now(), pro(2))
  })
}
