// Calls every method of every resource of @flowglad/node once with a valid request.

import assert from 'node:assert/strict'
import { Driven, methodsOf } from './driven.mjs'
import { stepsOf } from './server-admin.mjs'

const URLS = { successUrl: 'https://app.example.com/ok', cancelUrl: 'https://app.example.com/no' }
const PERSON = 'node-person'

export async function everyMethodOfNode(sandbox, report) {
  const driven = new Driven()
  const node = watched(sandbox.node(), driven)
  const { step } = stepsOf(report, 'node')
  const model = await sandbox.setUpPricingModel()
  const all = { sandbox, node, step, model }

  await customers(all)
  await checkoutSessions(all)
  await pricingModels(all)
  await products(all)
  await prices(all)
  await discounts(all)
  await usageMeters(all)
  await resources(all)
  await subscriptions(all)
  await usageEvents(all)
  await resourceClaims(all)
  await papers(all)
  await report.step('every method of every resource of @flowglad/node was called', async () => {
    driven.assertComplete(resourceMethods(sandbox.node()))
  })
}

/** The client, with every resource watched. */
function watched(node, driven) {
  for (const name of resourceNames(node)) node[name] = driven.watch(node[name], `${name}.`)
  return node
}

/** A property of the client is a resource if it refers to the client. */
function resourceNames(node) {
  return Object.keys(node).filter((name) => node[name]?._client === node)
}

function resourceMethods(node) {
  return resourceNames(node).flatMap((name) => methodsOf(node[name]).map((method) => `${name}.${method}`))
}

async function customers({ node, step }) {
  await step('customers.create', async () => {
    const customer = { externalId: PERSON, name: 'Node', email: 'node@example.com' }
    const { data } = await node.customers.create({ customer })
    assert.deepEqual([data.customer.name, data.subscription.isFreePlan], ['Node', true])
  })
  await step('customers.retrieve', async () => {
    assert.equal((await node.customers.retrieve(PERSON)).customer.name, 'Node')
  })
  await step('customers.update', async () => {
    const { customer } = await node.customers.update(PERSON, { customer: { name: 'Nodette' } })
    assert.equal(customer.name, 'Nodette')
  })
  await step('customers.list', async () => {
    const page = await node.customers.list({ limit: '1' })
    assert.deepEqual([page.data.length, page.hasMore], [1, page.total > 1])
    if (page.hasMore) {
      const next = await node.customers.list({ limit: '1', cursor: page.nextCursor })
      assert.notEqual(next.data[0].id, page.data[0].id)
    }
  })
  await step('customers.retrieveBilling', async () => {
    assert.equal((await node.customers.retrieveBilling(PERSON)).customer.externalId, PERSON)
  })
}

async function checkoutSessions({ node, sandbox, step }) {
  const session = await step('checkoutSessions.create', async () => {
    const wanted = { type: 'product', customerExternalId: PERSON, priceSlug: 'pro_monthly', ...URLS }
    const { checkoutSession } = await node.checkoutSessions.create({ checkoutSession: wanted })
    assert.equal(checkoutSession.status, 'open')
    return checkoutSession
  })
  await step('checkoutSessions.retrieve', async () => {
    await sandbox.complete(session)
    assert.equal((await node.checkoutSessions.retrieve(session.id)).checkoutSession.status, 'succeeded')
  })
  await step('checkoutSessions.list', async () => contains(await node.checkoutSessions.list({}), session.id))
}

async function pricingModels({ node, step, model }) {
  const fresh = await step('pricingModels.create', async () => {
    const body = { pricingModel: { name: 'Fresh' }, defaultPlanIntervalUnit: 'month' }
    return (await node.pricingModels.create(body)).pricingModel
  })
  await step('pricingModels.retrieve', async () => {
    assert.equal((await node.pricingModels.retrieve(model.id)).pricingModel.name, model.name)
  })
  await step('pricingModels.update', async () => {
    const id = fresh?.id ?? model.id
    const { pricingModel } = await node.pricingModels.update(id, { pricingModel: { id, name: 'Refreshed' } })
    assert.equal(pricingModel.name, 'Refreshed')
  })
  await step('pricingModels.list', async () => contains(await node.pricingModels.list({ limit: '100' }), model.id))
  await step('pricingModels.clone', async () => {
    assert.equal((await node.pricingModels.clone(model.id, { name: 'Twin' })).pricingModel.name, 'Twin')
  })
  await step('pricingModels.retrieveDefault', async () => {
    assert.equal((await node.pricingModels.retrieveDefault()).pricingModel.id, model.id)
  })
}

async function products({ node, step, model }) {
  const made = await step('products.create', async () => {
    const body = {
      product: { name: 'Extra', slug: 'extra', active: true, pricingModelId: model.id },
      price: monthly('extra_monthly', 1200),
    }
    return (await node.products.create(body)).product
  })
  await step('products.retrieve', async () => {
    const id = made?.id ?? model.products[1].id
    const product = await node.products.retrieve(id)
    assert.deepEqual([product.id, product.prices.length], [id, 1])
  })
  await step('products.update', async () => {
    const id = made?.id ?? model.products[1].id
    const { product } = await node.products.update(id, { product: { id, name: 'Extra plus', active: true } })
    assert.equal(product.name, 'Extra plus')
  })
  await step('products.list', async () => contains(await node.products.list({ limit: '100' }), model.products[0].id))
}

async function prices({ node, step, model }) {
  const { id: productId } = model.products.find((product) => product.slug === 'lite')
  const made = await step('prices.create', async () => {
    const { price } = await node.prices.create({ price: { ...monthly('lite_monthly_2', 600), productId } })
    assert.deepEqual([price.unitPrice, price.active, price.isDefault], [600, true, true])
    return price
  })
  await step('prices.update', async () => {
    const id = made?.id ?? model.products[1].defaultPrice.id
    const body = { price: { id, type: 'subscription', isDefault: true, name: 'Lite, monthly' } }
    assert.equal((await node.prices.update(id, body)).price.name, 'Lite, monthly')
  })
  await step('prices.list', async () => contains(await node.prices.list({ limit: '100' }), model.products[0].defaultPrice.id))
}

async function discounts({ node, step }) {
  const made = await step('discounts.create', async () => {
    const wanted = { name: 'Node', code: 'node20', amount: 20, amountType: 'percent', duration: 'once' }
    const { discount } = await node.discounts.create({ discount: wanted })
    assert.equal(discount.code, 'NODE20')
    return discount
  })
  await step('discounts.retrieve', async () => {
    assert.equal((await node.discounts.retrieve(made?.id ?? 'discount_none')).discount.redemptionCount, 0)
  })
  await step('discounts.update', async () => {
    const id = made?.id ?? 'discount_none'
    const changed = { id, code: 'NODE30', amount: 30, amountType: 'percent', duration: 'once' }
    assert.equal((await node.discounts.update(id, { discount: changed })).discount.amount, 30)
  })
  await step('discounts.list', async () => contains(await node.discounts.list({}), made?.id))
}

async function usageMeters({ node, step, model }) {
  const made = await step('usageMeters.create', async () => {
    return (await node.usageMeters.create({ usageMeter: { name: 'Rows', slug: 'rows' } })).usageMeter
  })
  const id = made?.id ?? model.usageMeters[0].id
  await step('usageMeters.retrieve', async () => {
    assert.equal((await node.usageMeters.retrieve(id)).usageMeter.id, id)
  })
  await step('usageMeters.update', async () => {
    const { usageMeter } = await node.usageMeters.update(id, { usageMeter: { id, name: 'Lines' } })
    assert.equal(usageMeter.name, 'Lines')
  })
  await step('usageMeters.list', async () => contains(await node.usageMeters.list({}), model.usageMeters[0].id))
}

async function resources({ node, step, model }) {
  const made = await step('resources.create', async () => {
    const wanted = { name: 'Desks', slug: 'desks', pricingModelId: model.id }
    return (await node.resources.create({ resource: wanted })).resource
  })
  const id = made?.id ?? 'resource_none'
  await step('resources.retrieve', async () => {
    assert.equal((await node.resources.retrieve(id)).resource.slug, 'desks')
  })
  await step('resources.update', async () => {
    assert.equal((await node.resources.update(id, { resource: { id, name: 'Tables' } })).resource.name, 'Tables')
  })
  await step('resources.list', async () => {
    const { resources } = await node.resources.list({ pricingModelId: model.id })
    assert.deepEqual(resources.map((resource) => resource.slug), ['seats', 'desks'])
  })
}

async function subscriptions({ node, step }) {
  const waiting = await step('subscriptions.create', async () => {
    const customer = { externalId: 'node-second', name: 'Second', email: 'second@example.com' }
    await node.customers.create({ customer })
    const body = { customerExternalId: 'node-second', priceSlug: 'pro_monthly', doNotCharge: true }
    const { subscription } = await node.subscriptions.create(body)
    assert.deepEqual([subscription.status, subscription.doNotCharge], ['active', true])
    return subscription
  })
  const { currentSubscription } = await node.customers.retrieveBilling(PERSON)
  const { id } = currentSubscription
  await step('subscriptions.retrieve', async () => {
    assert.equal((await node.subscriptions.retrieve(waiting.id)).subscription.id, waiting.id)
  })
  await step('subscriptions.list', async () => contains(await node.subscriptions.list({ limit: '100' }), waiting.id))
  await step('subscriptions.adjust', async () => {
    const newSubscriptionItems = [{ priceSlug: 'pro_monthly', quantity: 2 }]
    const adjustment = { timing: 'immediately', newSubscriptionItems, prorateCurrentBillingPeriod: true }
    const adjusted = await node.subscriptions.adjust(id, { adjustment })
    assert.deepEqual(adjusted.subscriptionItems.map((item) => item.quantity), [2])
  })
  await step('subscriptions.cancel', async () => {
    const cancellation = { timing: 'at_end_of_current_billing_period' }
    const { subscription } = await node.subscriptions.cancel(id, { cancellation })
    assert.equal(subscription.status, 'cancellation_scheduled')
  })
  await step('subscriptions.uncancel is refused without a body, as on the platform, and works with one', async () => {
    await assert.rejects(node.subscriptions.uncancel(id), { status: 415 })
    const { subscription } = await node.subscriptions.uncancel(id, { body: {} })
    assert.equal(subscription.status, 'active')
  })
}

async function usageEvents({ node, step }) {
  const { currentSubscription } = await node.customers.retrieveBilling(PERSON)
  const wanted = { subscriptionId: currentSubscription.id, usageMeterSlug: 'api_calls', amount: 5, transactionId: 'n1' }
  const made = await step('usageEvents.create', async () => {
    return (await node.usageEvents.create({ usageEvent: wanted })).usageEvent
  })
  await step('usageEvents.retrieve', async () => {
    assert.equal((await node.usageEvents.retrieve(made.id)).usageEvent.amount, 5)
  })
}

async function resourceClaims({ node, step }) {
  const { currentSubscription } = await node.customers.retrieveBilling(PERSON)
  const { id } = currentSubscription
  await step('resourceClaims.claim', async () => {
    const { claims } = await node.resourceClaims.claim(id, { resourceSlug: 'seats', externalIds: ['a', 'b'] })
    assert.equal(claims.length, 2)
  })
  await step('resourceClaims.listUsages', async () => {
    const [seats] = await node.resourceClaims.listUsages(id)
    assert.deepEqual([seats.usage.resourceSlug, seats.usage.claimed], ['seats', 2])
    // The client joins the slugs by commas, and the platform takes that for one text.
    await assert.rejects(node.resourceClaims.listUsages(id, { resourceSlugs: ['seats', 'other'] }), { status: 400 })
  })
  await step('resourceClaims.retrieveUsage', async () => {
    const { usage } = await node.resourceClaims.retrieveUsage(id, { resourceSlug: 'seats' })
    assert.equal(usage.claimed, 2)
  })
  await step('resourceClaims.release', async () => {
    const { usage } = await node.resourceClaims.release(id, { resourceSlug: 'seats', externalIds: ['a', 'b'] })
    assert.equal(usage.claimed, 0)
  })
}

async function papers({ node, step }) {
  const { invoices, paymentMethods } = await node.customers.retrieveBilling(PERSON)
  const [{ invoice, invoiceLineItems }] = invoices
  await step('invoices.retrieve', async () => {
    const read = await node.invoices.retrieve(invoice.id)
    assert.deepEqual([read.invoice.id, read.invoiceLineItems], [invoice.id, invoiceLineItems])
  })
  await step('invoices.list', async () => contains(await node.invoices.list({ limit: '100' }), invoice.id))
  await step('invoiceLineItems.retrieve', async () => {
    assert.deepEqual(await node.invoiceLineItems.retrieve(invoiceLineItems[0].id), invoiceLineItems[0])
  })
  await step('invoiceLineItems.list', async () => {
    contains(await node.invoiceLineItems.list({ limit: '100' }), invoiceLineItems[0].id)
  })
  await step('paymentMethods.retrieve', async () => {
    assert.equal((await node.paymentMethods.retrieve(paymentMethods[0].id)).paymentMethod.type, 'card')
  })
  await step('paymentMethods.list', async () => {
    contains(await node.paymentMethods.list({ limit: '100' }), paymentMethods[0].id)
  })
  const payment = await step('payments.list', async () => {
    const { data } = await node.payments.list({ limit: '100' })
    const found = data.find((made) => made.invoiceId === invoice.id)
    assert.deepEqual([found.status, found.amount], ['succeeded', 2000])
    return found
  })
  await step('payments.retrieve', async () => {
    const id = payment?.id ?? 'pym_none'
    assert.equal((await node.payments.retrieve(id)).payment.id, id)
  })
  await step('payments.refund', async () => {
    const { payment: refunded } = await node.payments.refund(payment?.id ?? 'pym_none', {})
    assert.deepEqual([refunded.status, refunded.refunded, refunded.refundedAmount], ['refunded', true, 2000])
  })
}

function monthly(slug, unitPrice) {
  const interval = { intervalUnit: 'month', intervalCount: 1 }
  return { type: 'subscription', name: slug, slug, unitPrice, isDefault: true, active: true, ...interval }
}

/** Asserts that a page has the record with this id. */
function contains(page, id) {
  assert.equal(typeof page.hasMore, 'boolean')
  const ids = page.data.map((record) => record.id)
  assert.ok(ids.includes(id), `${id} is not in ${ids.join(', ')}`)
}
