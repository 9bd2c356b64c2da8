// The scenarios that the sandbox must support, run through @flowglad/server as in an app's server.

import assert from 'node:assert/strict'
import { Driven, methodsOf } from './driven.mjs'
import { WebhookReceiver } from './webhook-receiver.mjs'

const URLS = { successUrl: 'https://app.example.com/ok', cancelUrl: 'https://app.example.com/no' }

/** Methods that are public in JavaScript but not meant for callers. */
const NOT_DRIVEN = {
  deriveSubscriptionId: 'private: getResourceUsages and getResourceUsage call it',
}

const driven = new Driven()
let newest

export async function scenarios(sandbox, report) {
  const person = (externalId) => {
    newest = sandbox.server(externalId)
    return driven.watch(newest)
  }
  const model = await report.step('a pricing model is set up', () => sandbox.setUpPricingModel())
  if (!model) return
  await newCustomer({ report, person })
  await buysPro({ report, person, sandbox })
  await buysCredits({ report, person, sandbox })
  await usesCalls({ report, person })
  await claimsSeats({ report, person })
  await cancels({ report, person, sandbox })
  await changesPlan({ report, person, sandbox })
  await aMonthPasses({ report, person, sandbox })
  await leaves({ report, person, sandbox })
  await paysLater({ report, person, sandbox })
  await hearsOfIt({ report, person, sandbox })
}

export async function everyMethodOfServer(report) {
  await report.step('every method of FlowgladServer was called', async () => {
    driven.assertComplete(methodsOf(newest), NOT_DRIVEN)
  })
}

async function newCustomer({ report, person }) {
  const ada = person('ada')
  await report.step('1. a new customer has one free subscription, its features, 100 calls and no invoice', async () => {
    assert.equal(await ada.getRequestingCustomerId(), 'ada')
    assert.equal((await ada.getSession()).externalId, 'ada')
    const customer = await ada.findOrCreateCustomer()
    assert.equal((await ada.getCustomer()).customer.id, customer.id)
    const billing = await ada.getBilling()
    assert.equal(billing.currentSubscriptions.length, 1)
    assert.equal(billing.currentSubscription.isFreePlan, true)
    assert.deepEqual(featureSlugs(billing), ['free_api_credits'])
    assert.equal(billing.checkUsageBalance('api_calls').availableBalance, 100)
    assert.deepEqual(billing.invoices, [])
    assert.equal(billing.checkFeatureAccess('export_csv'), false)
  })
  await report.step('   their details and the catalog can be read and changed', async () => {
    const { customer } = await ada.updateCustomer({ customer: { name: 'Ada L.' } })
    assert.equal(customer.name, 'Ada L.')
    const { pricingModel } = await ada.getPricingModel()
    const slugs = ['free', 'pro', 'credit_pack', 'pro_yearly', 'team', 'lite']
    assert.deepEqual(pricingModel.products.map((product) => product.slug), slugs)
    const made = await ada.createCustomer({ customer: { externalId: 'made', name: 'Made', email: 'm@example.com' } })
    assert.equal(made.data.customer.externalId, 'made')
  })
}

async function buysPro({ report, person, sandbox }) {
  const ada = person('ada')
  await report.step('2. a paid checkout replaces the free plan by pro, with its features, credits and papers', async () => {
    const { checkoutSession, url } = await ada.createCheckoutSession({ ...URLS, priceSlug: 'pro_monthly' })
    assert.ok(url.endsWith(`/checkout/${checkoutSession.id}`), url)
    await sandbox.complete(checkoutSession)
    const billing = await ada.getBilling()
    const [free, pro] = billing.subscriptions
    assert.deepEqual([free.status, free.cancellationReason], ['canceled', 'upgraded_to_paid'])
    assert.equal(free.replacedBySubscriptionId, pro.id)
    assert.equal(billing.currentSubscription.id, pro.id)
    assert.deepEqual(featureSlugs(billing), ['export_csv', 'priority_support', 'pro_api_credits', 'pro_seats'])
    assert.equal(billing.checkFeatureAccess('export_csv'), true)
    assert.equal(await balance(ada), 1000)
    assert.deepEqual(billing.invoices.map(({ invoice }) => [invoice.status, invoice.subtotal]), [['paid', 2000]])
    assert.deepEqual(billing.purchases.map((purchase) => purchase.priceType), ['subscription'])
    assert.deepEqual(billing.paymentMethods.map((method) => [method.type, method.default]), [['card', true]])
    assert.equal(billing.hasPurchased('pro'), true)
  })
}

async function buysCredits({ report, person, sandbox }) {
  const ada = person('ada')
  await report.step('3. a credit pack adds 500 calls and a purchase, and no subscription', async () => {
    const { checkoutSession } = await ada.createCheckoutSession({ ...URLS, priceSlug: 'credit_pack_500' })
    await sandbox.complete(checkoutSession)
    assert.equal(await balance(ada), 1500)
    const billing = await ada.getBilling()
    assert.equal(billing.purchases.length, 2)
    assert.equal(billing.subscriptions.length, 2)
  })
}

async function usesCalls({ report, person }) {
  const ada = person('ada')
  await report.step('4. usage counts once per transaction, alone and in bulk', async () => {
    const { currentSubscription } = await ada.getBilling()
    const event = (transactionId) => ({
      subscriptionId: currentSubscription.id,
      usageMeterSlug: 'api_calls',
      amount: 120,
      transactionId,
    })
    const first = await ada.createUsageEvent(event('one'))
    assert.equal(await balance(ada), 1380)
    const again = await ada.createUsageEvent(event('one'))
    assert.equal(again.usageEvent.id, first.usageEvent.id)
    assert.equal(await balance(ada), 1380)
    const { usageEvents } = await ada.bulkCreateUsageEvents({ usageEvents: [event('one'), event('two')] })
    assert.deepEqual(usageEvents.map((made) => made.transactionId), ['two'])
    assert.equal(await balance(ada), 1260)
  })
}

async function claimsSeats({ report, person }) {
  const ada = person('ada')
  await report.step('5. five seats can be claimed, a sixth only after one is given back', async () => {
    const externalIds = ['a', 'b', 'c', 'd', 'e']
    const { claims, usage } = await ada.claimResource({ resourceSlug: 'seats', externalIds })
    assert.deepEqual([claims.length, usage.available], [5, 0])
    await refused(() => ada.claimResource({ resourceSlug: 'seats', externalId: 'f' }), 400, /No available capacity/)
    await ada.releaseResource({ resourceSlug: 'seats', externalId: 'a' })
    await ada.claimResource({ resourceSlug: 'seats', externalId: 'f' })
    assert.equal((await ada.getResourceUsage({ resourceSlug: 'seats' })).usage.claimed, 5)
    assert.deepEqual((await ada.getResourceUsages()).resources.map((entry) => entry.capacity), [5])
    const listed = await ada.listResourceClaims({ resourceSlug: 'seats' })
    assert.deepEqual(listed.claims.map((claim) => claim.externalId).sort(), ['b', 'c', 'd', 'e', 'f'])
  })
}

async function cancels({ report, person, sandbox }) {
  const bob = person('bob')
  await report.step('6. a subscription is canceled at its end, kept after all, then ended at once', async () => {
    const { id } = await subscribed(sandbox, bob, 'pro_monthly')
    await bob.claimResource({ resourceSlug: 'seats', quantity: 2 })
    const atEnd = { id, cancellation: { timing: 'at_end_of_current_billing_period' } }
    assert.equal((await bob.cancelSubscription(atEnd)).subscription.status, 'cancellation_scheduled')
    assert.equal((await bob.uncancelSubscription({ id })).subscription.status, 'active')
    const ended = await bob.cancelSubscription({ id, cancellation: { timing: 'immediately' } })
    assert.deepEqual([ended.subscription.status, ended.subscription.current], ['canceled', false])
    const billing = await bob.getBilling()
    assert.equal(billing.currentSubscription.isFreePlan, true)
    const claims = await sandbox.node().get(`/api/v1/resource-claims/${id}/claims`)
    assert.deepEqual(claims, { claims: [] })
  })
}

async function changesPlan({ report, person, sandbox }) {
  const cleo = person('cleo')
  await report.step('7. a free plan cannot be adjusted', async () => {
    await refused(() => cleo.adjustSubscription({ priceSlug: 'pro_monthly' }), 500, /free plan/i)
  })
  await report.step('7. a dearer plan starts at once, prorated', async () => {
    await subscribed(sandbox, cleo, 'pro_monthly')
    const adjusted = await cleo.adjustSubscription({ priceSlug: 'team_monthly' })
    assert.deepEqual([adjusted.resolvedTiming, adjusted.isUpgrade], ['immediately', true])
    const { invoices, currentSubscription } = await cleo.getBilling()
    assert.equal(currentSubscription.name, 'Team monthly')
    assert.equal(invoices.length, 2)
  })
  const scheduled = await report.step('7. a cheaper plan starts at the end of the period', async () => {
    const adjusted = await cleo.adjustSubscription({ priceSlug: 'lite_monthly' })
    assert.deepEqual([adjusted.resolvedTiming, adjusted.isUpgrade], ['at_end_of_current_billing_period', false])
    assert.equal(adjusted.subscription.scheduledAdjustmentAt, adjusted.subscription.currentBillingPeriodEnd)
    return adjusted.subscription
  })
  await report.step('7. the scheduled change can be taken back, but the present plan keeps its end', async () => {
    const path = `/api/v1/subscriptions/${scheduled.id}/cancel-scheduled-adjustment`
    const { subscription, canceledItemCount } = await sandbox.node().post(path, { body: {} })
    assert.deepEqual([subscription.scheduledAdjustmentAt, canceledItemCount], [null, 1])
    const { currentSubscription } = await cleo.getBilling()
    const ends = currentSubscription.subscriptionItems.map((item) => item.expiredAt)
    assert.deepEqual(ends, [currentSubscription.currentBillingPeriodEnd])
  })
}

async function aMonthPasses({ report, person, sandbox }) {
  const dan = person('dan')
  await report.step('8. after a month there is a second invoice, 1000 new calls, and the pack is still there', async () => {
    const { id, currentBillingPeriodEnd } = await subscribed(sandbox, dan, 'pro_monthly')
    const { checkoutSession } = await dan.createCheckoutSession({ ...URLS, priceSlug: 'credit_pack_500' })
    await sandbox.complete(checkoutSession)
    const usage = { subscriptionId: id, usageMeterSlug: 'api_calls', amount: 120, transactionId: 'dan' }
    await dan.createUsageEvent(usage)
    await sandbox.advance(31)
    const { currentSubscription, invoices } = await dan.getBilling()
    assert.equal(currentSubscription.currentBillingPeriodStart, currentBillingPeriodEnd)
    assert.equal(currentSubscription.status, 'active')
    const paid = invoices.filter(({ invoice }) => invoice.subscriptionId === id)
    assert.deepEqual(paid.map(({ invoice }) => [invoice.status, invoice.subtotal]), [['paid', 2000], ['paid', 2000]])
    assert.equal(await balance(dan), 1500)
  })
}

async function leaves({ report, person, sandbox }) {
  const eve = person('eve')
  await report.step('9. an archived customer is gone, and the external id is free again', async () => {
    const { id } = await eve.findOrCreateCustomer()
    assert.equal((await eve.archiveCustomer('eve')).archived, true)
    await refused(() => eve.getCustomer(), 404, /Customer with externalId eve not found/)
    await refused(() => sandbox.node().customers.retrieveBilling('eve'), 404, /not found/)
    assert.notEqual((await eve.findOrCreateCustomer()).id, id)
  })
}

async function paysLater({ report, person, sandbox }) {
  const fay = person('fay')
  await report.step('   a plan without a card waits, and starts when the card comes', async () => {
    const { subscription } = await fay.createSubscription({ priceSlug: 'pro_monthly' })
    assert.equal(subscription.status, 'incomplete')
    const params = { ...URLS, targetSubscriptionId: subscription.id }
    const { checkoutSession } = await fay.createActivateSubscriptionCheckoutSession(params)
    await sandbox.complete(checkoutSession)
    const { currentSubscription } = await fay.getBilling()
    assert.deepEqual([currentSubscription.id, currentSubscription.status], [subscription.id, 'active'])
  })
  await report.step('   another card becomes the one that is used', async () => {
    const { currentSubscription } = await fay.getBilling()
    const params = { ...URLS, targetSubscriptionId: currentSubscription.id }
    const { checkoutSession } = await fay.createAddPaymentMethodCheckoutSession(params)
    await sandbox.complete(checkoutSession)
    const billing = await fay.getBilling()
    assert.equal(billing.paymentMethods.length, 2)
    const used = billing.paymentMethods.find((method) => method.default)
    assert.equal(billing.currentSubscription.defaultPaymentMethodId, used.id)
  })
}

async function hearsOfIt({ report, person, sandbox }) {
  await report.step('10. deliveries of webhooks pass the verifier, in the order of what happened', async () => {
    const { pricingModel } = await sandbox.node().pricingModels.retrieveDefault()
    const receiver = await WebhookReceiver.start()
    try {
      const webhook = {
        name: 'Clients',
        url: receiver.url,
        pricingModelId: pricingModel.id,
        filterTypes: ['customer.created', 'subscription.created', 'purchase.completed', 'payment.succeeded'],
      }
      const { secret } = await sandbox.node().post('/api/v1/webhooks', { body: { webhook } })
      const gil = person('gil')
      const customer = await gil.findOrCreateCustomer()
      await subscribed(sandbox, gil, 'pro_monthly')
      const bodies = await receiver.verified(secret, 5)
      const objects = ['customer', 'subscription', 'subscription', 'purchase', 'payment']
      assert.deepEqual(bodies.map((body) => body.object), objects)
      assert.equal(bodies[0].id, customer.id)
      for (const body of bodies) assert.deepEqual(body.customer, { id: customer.id, externalId: 'gil' })
    } finally {
      receiver.stop()
    }
  })
}

/** Buys a plan and completes its checkout. Returns the subscription. */
async function subscribed(sandbox, server, priceSlug) {
  await server.findOrCreateCustomer()
  const { checkoutSession } = await server.createCheckoutSession({ ...URLS, priceSlug })
  await sandbox.complete(checkoutSession)
  return (await server.getBilling()).currentSubscription
}

async function balance(server) {
  const { usageMeterBalances } = await server.getUsageMeterBalances()
  return usageMeterBalances[0].availableBalance
}

function featureSlugs(billing) {
  return billing.currentSubscription.experimental.featureItems.map((feature) => feature.slug)
}

/** Asserts that a call is refused with this status and message after one request, without retries of the client. */
async function refused(call, status, sentence) {
  // The call begins only when its error is waited for: else it could fail before, as an error that no one handles.
  const before = (await requestsSeen()).length
  await assert.rejects(call, (error) => {
    assert.equal(error.status, status, String(error))
    assert.match(JSON.stringify(error.error), sentence)
    return true
  })
  const sent = (await requestsSeen()).slice(before).map(({ method, path }) => `${method} ${path}`)
  assert.equal(sent.filter((request) => request === sent.at(-1)).length, 1, `the client tried again: ${sent}`)
}

async function requestsSeen() {
  const response = await fetch(`${process.env.FLOWGLAD_BASE_URL}/_sandbox/requests`)
  return await response.json()
}
