import { type Billing, productOf, type Subscription } from './pricing'
import { describeInterval, describeStatus, formatDate, formatMoney } from './wording'

/** What a badge means: all is well, a notice, a change ahead, money is missing, or no matter. */
export type Tone = 'good' | 'info' | 'warn' | 'bad' | 'calm'

/** What a subscription needs from the customer. */
export type Need = 'new card' | 'card' | 'first payment'

/** How a subscription stands, in the words of the page. */
export type Standing = {
  badge: string
  tone: Tone
  sentence: string | null
  problem: string | null
  need: Need | null
}

/** The name of a subscription's plan. */
export function nameOf(billing: Billing, subscription: Subscription): string {
  return productOf(billing, subscription)?.name ?? subscription.name ?? 'Your plan'
}

export function standingOf(billing: Billing, subscription: Subscription): Standing {
  const { status, cancelScheduledAt, isFreePlan } = subscription
  const name = nameOf(billing, subscription)
  const plain = { badge: describeStatus(status), sentence: null, problem: null, need: null }
  // Without a card, Flowglad calls a free plan past due after its first period. Nothing is owed.
  if (isFreePlan) return { ...plain, badge: 'Active', tone: 'good', sentence: describeFree(subscription) }
  if (cancelScheduledAt) {
    const sentence = `Cancels on ${formatDate(cancelScheduledAt)}. Until then you keep everything in ${name}.`
    return { ...plain, tone: 'warn', sentence }
  }
  switch (status) {
    case 'past_due':
    case 'unpaid':
      return {
        ...plain,
        tone: 'bad',
        sentence: `You keep ${name} for now. The next payment is taken from the card that you set here.`,
        problem: describeDebt(billing, subscription, name),
        need: 'new card',
      }
    case 'trialing': {
      const needsCard = billing.paymentMethods.length === 0
      const sentence = describeTrial(subscription, needsCard && `Add a card to keep ${name}.`)
      return { ...plain, badge: 'Trial', tone: 'info', sentence, need: needsCard ? 'card' : null }
    }
    case 'incomplete':
      return { ...plain, tone: 'warn', sentence: `${name} starts with its first payment.`, need: 'first payment' }
    case 'active':
      return { ...plain, tone: 'good', sentence: describeRenewal(subscription) }
    default:
      return { ...plain, tone: 'calm' }
  }
}

/**
 * The subscriptions that have not ended, the current one first. Flowglad does not count those as current that wait for their
 * first payment or are paused.
 */
export function openSubscriptions(billing: Billing): Subscription[] {
  const { currentSubscription, currentSubscriptions, subscriptions } = billing
  const waiting = subscriptions?.filter(({ status }) => status === 'incomplete' || status === 'paused')
  const all = [currentSubscription, ...(currentSubscriptions ?? []), ...(waiting ?? [])].filter((one) => one != null)
  return [...new Map(all.map((subscription) => [subscription.id, subscription])).values()]
}

/** The paid plan that ended last, for a customer who has none now. */
export function endedPlan(billing: Billing): Subscription | undefined {
  const hasPaidPlan = billing.currentSubscriptions?.some(({ isFreePlan }) => !isFreePlan)
  if (hasPaidPlan) return undefined
  return billing.subscriptions
    ?.filter(({ status, isFreePlan, canceledAt }) => status === 'canceled' && !isFreePlan && canceledAt)
    .toSorted((a, b) => (b.canceledAt ?? 0) - (a.canceledAt ?? 0))[0]
}

/** "$20.00 per month", for all items of a subscription. `null` for what costs nothing. */
export function describeCost({ subscriptionItems, interval, intervalCount }: Subscription): string | null {
  const [first] = subscriptionItems
  const cost = subscriptionItems.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * quantity, 0)
  if (!first || cost === 0) return null
  const money = formatMoney(cost, first.price.currency)
  return interval && intervalCount ? `${money} ${describeInterval({ type: 'subscription', intervalUnit: interval, intervalCount })}` : money
}

function describeFree({ currentBillingPeriodEnd: end, renews }: Subscription): string {
  return renews && end ? `Nothing to pay. Your credits are renewed on ${formatDate(end)}.` : 'Nothing to pay.'
}

function describeRenewal({ currentBillingPeriodEnd: end, renews }: Subscription): string | null {
  if (!renews) return 'It does not renew, and does not end.'
  return end ? `Renews on ${formatDate(end)}.` : null
}

function describeTrial(subscription: Subscription, missing: string | false): string {
  const cost = describeCost(subscription)
  const end = subscription.trialEnd ? `Free until ${formatDate(subscription.trialEnd)}.` : 'Free for now.'
  return [end, missing || (cost && `Then ${cost}.`)].filter(Boolean).join(' ')
}

/** What is not paid, as far as there is an invoice for it. */
function describeDebt({ invoices }: Billing, { id }: Subscription, name: string): string {
  const open = invoices.filter(({ invoice }) => invoice.status === 'open' && invoice.subscriptionId === id)
  const due = open.reduce((sum, { invoice }) => sum + (invoice.subtotal ?? 0) + (invoice.taxAmount ?? 0), 0)
  const failed = `Your payment for ${name} failed.`
  const owed = open[0] && due > 0 ? ` ${formatMoney(due, open[0].invoice.currency)} is due.` : ''
  return `${failed}${owed} Please check your card.`
}
