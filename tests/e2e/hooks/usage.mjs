import assert from 'node:assert/strict'
import * as on from './page.mjs'
import { invalid } from './refusals.mjs'

export async function usage({ story, hooks, freeSubscription }) {
  const record = async (variant) => (await hooks.call('createUsageEvent', variant)).resolved.usageEvent.id
  const balance = async () => (await hooks.call('checkUsageBalance', 'api_calls')).resolved.availableBalance

  await story.step('meters', 'The hooks for usage hold 1500 calls once they are asked again.', async () => {
    await hooks.call('invalidateQueries', 'USAGE_METERS_QUERY_KEY', on.USAGE_METERS)
    await hooks.holds(on.USAGE_METERS, { usageMeters: ['api_calls: 1500'] })
    await hooks.holds(on.USAGE_METER, { usageMeter: 'API calls: 1500' })
  })

  await story.step('usage', 'createUsageEvent resolves with an id, and the hooks for usage follow.', async () => {
    assert.match(await record('meter slug'), /^usage_event_/)
    await hooks.holds(on.USAGE_METERS, { usageMeters: ['api_calls: 1490'] })
    assert.match(await record('price slug, no amount'), /^usage_event_/)
    await hooks.holds(on.USAGE_METER, { usageMeter: 'API calls: 1489' })
  })

  await story.step('usage-once', 'The same transaction id counts once.', async () => {
    const first = await record('transaction id')
    assert.equal(await record('transaction id'), first)
    await hooks.holds(on.USAGE_METERS, { usageMeters: ['api_calls: 1484'] })
  })

  await story.step('usage-reload', 'The balance of useBilling follows with reload.', async () => {
    assert.equal(await balance(), 1500)
    await hooks.call('reload', 'billing')
    assert.equal(await balance(), 1484)
  })

  await story.step('usage-refused', 'Refused, createUsageEvent resolves with the error.', async () => {
    const none = await hooks.refused('createUsageEvent', 'amount 0', '400 validation_error')
    assert.deepEqual(none, invalid('amount', 'must be a whole number, 1 or more'))
    const unknown = await hooks.refused('createUsageEvent', 'unknown meter', '502 flowglad_error')
    assert.equal(unknown.resolved.error.code, 'flowglad_error')
    assert.match(unknown.resolved.error.message, /^UsageMeter not found/)
    await hooks.holds(on.USAGE_METERS, { usageMeters: ['api_calls: 1484'] })
  })

  await story.step('usage-filter', 'useUsageMeters of the old subscription holds what was left there.', async () => {
    await hooks.giveSubscription(freeSubscription)
    await hooks.holds(on.FILTERED_USAGE_METERS, { error: null, usageMeters: ['api_calls: 100'] })
    await hooks.giveSubscription(await hooks.currentSubscription())
    await hooks.holds(on.FILTERED_USAGE_METERS, { error: null, usageMeters: ['api_calls: 1484'] })
    await hooks.holds(on.USAGE_METERS, { usageMeters: ['api_calls: 1484'] })
  })
}
