import assert from 'node:assert/strict'
import * as on from './page.mjs'

const REFUSAL = 'Please sign in first.'
const PRICES = ['free: $0.00', 'pro: $20.00', 'credit_pack: $9.00', 'pro_yearly: $200.00']

export async function signedOut({ story, hooks }) {
  await story.step('signed-out-pricing', 'Signed out, usePricing and usePricingModel hold the prices.', async () => {
    hooks.expectRefusal('customers/billing', 401)
    hooks.expectRefusal('usage-meters/balances', 401)
    // A hook whose query throws retries three times.
    hooks.expectRefusal('resources/usages', 401, 4)
    hooks.expectRefusal('resources/claims', 401, 4)
    await hooks.page.clock.install()
    await hooks.open()
    for (const hook of ['usePricing()', 'usePricingModel()']) {
      await hooks.holds(hook, { pricingModel: 'Starter SaaS', products: PRICES, usageMeters: ['api_calls'] })
    }
  })

  await story.step('signed-out-billing', 'useBilling holds the refusal, no customer, and no functions.', async () => {
    await hooks.holds(on.BILLING, { loaded: true, errors: [REFUSAL], customer: null, functions: [] })
  })

  await story.step('signed-out-usage', 'The hooks for usage hold the refusal.', async () => {
    for (const hook of [on.USAGE_METERS, on.FILTERED_USAGE_METERS]) {
      await hooks.holds(hook, { isLoading: false, error: REFUSAL, usageMeters: 'undefined' })
    }
    for (const hook of [on.USAGE_METER, on.UNKNOWN_USAGE_METER]) {
      await hooks.holds(hook, { isLoading: false, error: REFUSAL, usageMeter: null })
    }
  })

  await story.step('signed-out-resources', 'The hooks for resources hold it after their retries.', async () => {
    await hooks.holds(on.RESOURCES, { isLoading: false, error: REFUSAL, resources: 'undefined' })
    await hooks.holds(on.RESOURCE, { isLoading: false, isLoadingClaims: false, error: REFUSAL, claims: [] })
  })

  await story.step('signed-out-calm', 'An hour later, none of them has asked again.', async () => {
    await hooks.page.clock.fastForward('01:00:00')
    await hooks.quiet()
    const actions = ['customers/billing', 'usage-meters/balances', 'pricing-models/retrieve']
    for (const action of actions) assert.equal(hooks.sent(action), 1, action)
    for (const action of ['resources/usages', 'resources/claims']) assert.equal(hooks.sent(action), 4, action)
  })

  await story.step('exports', 'Every hook that the package exports is on the page.', async () => {
    const names = await hooks.read('Exports', 'names')
    for (const name of names.filter((name) => name.startsWith('use'))) {
      const sections = hooks.page.getByRole('heading', { level: 2, name: new RegExp(`^${name}\\(`) })
      assert.ok((await sections.count()) > 0, name)
    }
    assert.deepEqual(names.toSorted(), [
      'FlowgladProvider',
      'RESOURCES_QUERY_KEY',
      'RESOURCE_CLAIMS_QUERY_KEY',
      'USAGE_METERS_QUERY_KEY',
      'humanReadableCurrencyAmount',
      'useBilling',
      'usePricing',
      'usePricingModel',
      'useResource',
      'useResources',
      'useUsageMeter',
      'useUsageMeters',
    ])
  })
}
