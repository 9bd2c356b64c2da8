import assert from 'node:assert/strict'
import * as on from './page.mjs'

const FUNCTIONS = [
  'adjustSubscription',
  'cancelSubscription',
  'checkFeatureAccess',
  'checkUsageBalance',
  'createActivateSubscriptionCheckoutSession',
  'createAddPaymentMethodCheckoutSession',
  'createCheckoutSession',
  'createUsageEvent',
  'getPrice',
  'getProduct',
  'hasPurchased',
  'reload',
  'uncancelSubscription',
]

export async function freePlan({ story, hooks, person }) {
  await story.step('free-billing', 'Signed in, useBilling holds a new customer on the free plan.', async () => {
    await hooks.signIn(person)
    await hooks.holds(on.BILLING, {
      loaded: true,
      errors: null,
      customer: `${person.name} <${person.email}>`,
      subscriptions: ['active: Free Subscription'],
      purchases: [],
      invoices: [],
      paymentMethods: [],
      pricingModel: 'Starter SaaS',
      catalog: 'Starter SaaS',
    })
    const { id, ...subscription } = await hooks.read(on.BILLING, 'currentSubscription')
    assert.deepEqual(subscription, { plan: 'free', status: 'active', ends: false, items: ['1 × free_monthly'] })
    await hooks.holds(on.BILLING, { currentSubscriptions: [id] })
  })

  await story.step('functions', 'Every function that useBilling returns is on the page.', async () => {
    const functions = await hooks.read(on.BILLING, 'functions')
    assert.deepEqual(functions.toSorted(), FUNCTIONS)
    for (const name of functions) assert.equal(await hooks.functionOf(on.BILLING, name).count(), 1, name)
  })

  await story.step('free-reads', 'Its look-ups know the free plan, and nothing unknown.', async () => {
    const reads = [
      ['checkFeatureAccess', 'export_csv', false],
      ['checkFeatureAccess', 'unknown feature', false],
      ['checkUsageBalance', 'unknown meter', null],
      ['checkUsageBalance', 'unknown subscription', null],
      ['getProduct', 'unknown slug', null],
      ['getPrice', 'unknown slug', null],
      ['hasPurchased', 'pro', false],
      ['hasPurchased', 'unknown slug', false],
    ]
    for (const [name, variant, resolved] of reads) {
      assert.deepEqual(await hooks.call(name, variant), { resolved }, `${name}: ${variant}`)
    }
    assert.equal((await hooks.call('checkUsageBalance', 'api_calls')).resolved.availableBalance, 100)
    assert.equal((await hooks.call('getProduct', 'pro')).resolved.name, 'Pro')
    assert.equal((await hooks.call('getPrice', 'pro_monthly')).resolved.unitPrice, 2000)
  })

  await story.step('free-others', 'The other hooks hold its prices, its calls, and no seats.', async () => {
    await hooks.holds('usePricing()', { pricingModel: 'Starter SaaS' })
    await hooks.holds('usePricingModel()', { pricingModel: 'Starter SaaS' })
    for (const hook of [on.USAGE_METERS, on.FILTERED_USAGE_METERS]) {
      await hooks.holds(hook, { isLoading: false, error: null, usageMeters: ['api_calls: 100'] })
    }
    await hooks.holds(on.USAGE_METER, { isLoading: false, error: null, usageMeter: 'API calls: 100' })
    await hooks.holds(on.UNKNOWN_USAGE_METER, { isLoading: false, error: null, usageMeter: null })
    await hooks.holds(on.RESOURCES, { isLoading: false, error: null, resources: [] })
    await hooks.holds(on.RESOURCE, { error: null, usage: 'undefined', claims: [], isLoadingClaims: false })
  })

  await story.step('free-adjust', 'adjustSubscription throws the status of a refusal: all it reads.', async () => {
    const outcome = await hooks.refused('adjustSubscription', 'price slug, quantity 2', '409 free_plan')
    assert.deepEqual(outcome, { threw: 'Subscription adjustment failed: 409 Conflict' })
  })

  await story.step('free-cancel', 'cancelSubscription resolves with null; uncancelling changes nothing.', async () => {
    const outcome = await hooks.refused('cancelSubscription', 'at period end', '409 free_plan')
    assert.deepEqual(outcome, { resolved: { subscription: null } })
    const { subscription } = (await hooks.call('uncancelSubscription', 'own subscription')).resolved.subscription
    assert.equal(subscription.id, await hooks.currentSubscription())
    assert.equal(subscription.status, 'active')
  })

  await story.step('free-seats', 'claim and release throw the sentence of the refusal.', async () => {
    const claim = await hooks.refused('claim', 'quantity 1', '502 flowglad_error', on.RESOURCES)
    assert.match(claim.threw, /No Resource feature found/)
    const release = await hooks.refused('release', 'quantity 1', '502 flowglad_error', on.RESOURCES)
    assert.match(release.threw, /Cannot release 1 anonymous claims\. Only 0 exist/)
  })
}
