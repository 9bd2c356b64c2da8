// Calls every method of FlowgladServerAdmin of @flowglad/server, the client for an app's back office.

import assert from 'node:assert/strict'
import { Driven, methodsOf } from './driven.mjs'

export async function everyMethodOfAdmin(sandbox, report) {
  const driven = new Driven()
  const admin = driven.watch(sandbox.admin())
  const { step } = stepsOf(report, 'admin')
  const model = await sandbox.setUpPricingModel()
  const person = { externalId: 'back-office', name: 'Back', email: 'back@example.com' }

  await step('createCustomer', async () => {
    const { data } = await admin.createCustomer({ customer: person })
    assert.equal(data.customer.externalId, person.externalId)
  })
  await step('getCustomer', async () => {
    assert.equal((await admin.getCustomer(person.externalId)).customer.email, person.email)
  })
  await step('updateCustomer', async () => {
    const { customer } = await admin.updateCustomer(person.externalId, { customer: { name: 'Office' } })
    assert.equal(customer.name, 'Office')
  })
  const billing = await step('getCustomerBilling', async () => admin.getCustomerBilling(person.externalId))
  await step('getPricingModel', async () => {
    assert.equal((await admin.getPricingModel(model.id)).pricingModel.id, model.id)
  })
  await step('getDefaultPricingModel', async () => {
    assert.equal((await admin.getDefaultPricingModel()).pricingModel.id, model.id)
  })
  const event = (transactionId) => ({
    subscriptionId: billing?.currentSubscription.id,
    usageMeterSlug: 'api_calls',
    amount: 3,
    transactionId,
  })
  const usage = await step('createUsageEvent', async () => admin.createUsageEvent({ usageEvent: event('a1') }))
  await step('bulkCreateUsageEvents', async () => {
    const { usageEvents } = await admin.bulkCreateUsageEvents({ usageEvents: [event('a1'), event('a2')] })
    assert.equal(usageEvents.length, 1)
  })
  await step('getUsageEvent', async () => {
    const { id } = usage.usageEvent
    assert.equal((await admin.getUsageEvent(id)).usageEvent.id, id)
  })
  await productsAndMeters({ step, admin, model })
  await report.step('every method of FlowgladServerAdmin was called', async () => {
    driven.assertComplete(methodsOf(sandbox.admin()))
  })
}

async function productsAndMeters({ step, admin, model }) {
  const product = await step('createProduct', async () => {
    const price = { type: 'subscription', intervalUnit: 'month', intervalCount: 1, isDefault: true, unitPrice: 700 }
    const made = await admin.createProduct({
      product: { name: 'Solo', slug: 'solo', active: true, pricingModelId: model.id },
      price: { ...price, slug: 'solo_monthly', name: 'Solo monthly', active: true },
    })
    return made.product
  })
  await step('updateProduct', async () => {
    const id = product?.id ?? model.products[1].id
    const changed = await admin.updateProduct(id, { product: { id, name: 'Alone', active: true } })
    assert.equal(changed.product.name, 'Alone')
  })
  const meter = await step('createUsageMeter', async () => {
    const { usageMeter } = await admin.createUsageMeter({ usageMeter: { name: 'Disk', slug: 'disk' } })
    assert.equal(usageMeter.aggregationType, 'sum')
    return usageMeter
  })
  const meterId = meter?.id ?? model.usageMeters[0].id
  await step('getUsageMeter', async () => {
    assert.equal((await admin.getUsageMeter(meterId)).usageMeter.id, meterId)
  })
  await step('updateUsageMeter', async () => {
    const { usageMeter } = await admin.updateUsageMeter(meterId, { usageMeter: { id: meterId, name: 'Space' } })
    assert.equal(usageMeter.name, 'Space')
  })
  await step('clonePricingModel', async () => {
    const { pricingModel } = await admin.clonePricingModel(model.id, { name: 'A copy' })
    assert.equal(pricingModel.name, 'A copy')
  })
}

/** Returns a function that runs steps named after the method they call. */
export function stepsOf(report, client) {
  return { step: (method, act) => report.step(`${client}.${method}`, act) }
}
