import { type FlowgladContextValues, humanReadableCurrencyAmount } from '@flowglad/react'
import { type Billing, currentProduct } from '../pricing'

/** The values of `useBilling`, in each of its states. */
export function billingFacts(billing: FlowgladContextValues): Record<string, unknown> {
  return {
    loaded: billing.loaded,
    errors: billing.errors?.map((error) => error.message) ?? null,
    customer: billing.customer && `${billing.customer.name} <${billing.customer.email}>`,
    ...(billing.loaded && billing.customer ? recordFacts(billing) : {}),
    functions: Object.entries(billing).flatMap(([name, value]) => (typeof value === 'function' ? name : [])),
  }
}

function recordFacts(billing: Billing): Record<string, unknown> {
  const { currentSubscription, currentSubscriptions, subscriptions, purchases, invoices, paymentMethods } = billing
  return {
    currentSubscription: currentSubscription && {
      id: currentSubscription.id,
      plan: currentProduct(billing)?.slug,
      status: currentSubscription.status,
      ends: currentSubscription.cancelScheduledAt !== null,
      items: currentSubscription.subscriptionItems.map((item) => `${item.quantity} × ${item.price.slug}`),
    },
    currentSubscriptions: currentSubscriptions?.map((subscription) => subscription.id),
    subscriptions: subscriptions.map((subscription) => `${subscription.status}: ${subscription.name}`),
    purchases: purchases.map((purchase) => purchase.name),
    invoices: invoices.map(({ invoice }) => {
      const amount = humanReadableCurrencyAmount(invoice.currency, invoice.subtotal ?? 0)
      return `${amount}, ${invoice.status}`
    }),
    paymentMethods: paymentMethods.map(({ type, paymentMethodData }) => `${type} ${paymentMethodData.last4}`),
    pricingModel: billing.pricingModel.name,
    catalog: billing.catalog.name,
    billingPortalUrl: billing.billingPortalUrl,
  }
}
