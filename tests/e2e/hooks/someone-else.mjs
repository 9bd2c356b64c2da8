import assert from 'node:assert/strict'
import * as on from './page.mjs'

const THEIRS = 'given subscription'
const FORBIDDEN = '403 forbidden'
const REFUSAL = 'This subscription is not yours.'

export async function someoneElse({ story, hooks, browser, otherPerson }) {
  let theirs

  await story.step('strangers-meters', "useUsageMeters of someone else's subscription holds a refusal.", async () => {
    theirs = await subscriptionOf(otherPerson)
    hooks.expectRefusal('usage-meters/balances', 403)
    await hooks.giveSubscription(theirs)
    await hooks.holds(on.FILTERED_USAGE_METERS, { isLoading: false, error: REFUSAL, usageMeters: 'undefined' })
    await hooks.holds(on.USAGE_METERS, { error: null })
  })

  await story.step('other-users-subscription', 'Every function refuses to work on it.', async () => {
    const resolving = [
      'createAddPaymentMethodCheckoutSession',
      'createActivateSubscriptionCheckoutSession',
      'createUsageEvent',
    ]
    for (const name of resolving) {
      const { resolved } = await hooks.refused(name, THEIRS, FORBIDDEN)
      assert.equal(resolved.error.code, 'forbidden', name)
    }
    for (const name of ['cancelSubscription', 'uncancelSubscription']) {
      assert.deepEqual(await hooks.refused(name, THEIRS, FORBIDDEN), { resolved: { subscription: null } }, name)
    }
    const adjust = await hooks.refused('adjustSubscription', THEIRS, FORBIDDEN)
    assert.deepEqual(adjust, { threw: 'Subscription adjustment failed: 403 Forbidden' })
    const claim = await hooks.refused('claim', THEIRS, FORBIDDEN, on.RESOURCES)
    assert.deepEqual(claim, { threw: REFUSAL })
  })

  await story.step('unknown-subscription', 'One that does not exist is not found.', async () => {
    for (const name of ['cancelSubscription', 'uncancelSubscription']) {
      const outcome = await hooks.refused(name, 'unknown subscription', '404 not_found')
      assert.deepEqual(outcome, { resolved: { subscription: null } }, name)
    }
    await hooks.giveSubscription('')
  })

  /** Signs in another user in a separate browser profile. */
  async function subscriptionOf(person) {
    const { request } = await browser.newContext()
    await on.signIn(request, hooks.app, person)
    const answer = await request.post(`${hooks.app}/api/flowglad/customers/billing`, { data: {} })
    return (await answer.json()).data.currentSubscription.id
  }
}
