import { Badge } from './Badge'
import type { Billing } from './pricing'
import { endedPlan, nameOf, openSubscriptions } from './standing'
import { SubscriptionState } from './SubscriptionState'
import { formatDate } from './wording'

/** What the customer has now, and the paid plan that has ended. */
export function CurrentPlan({ billing }: { billing: Billing }) {
  const [current] = openSubscriptions(billing)

  return (
    <section className="card" aria-labelledby="plan-heading">
      <h2 id="plan-heading">Current plan</h2>
      {current ? (
        <SubscriptionState key={current.id} billing={billing} subscription={current} isCurrent />
      ) : (
        <p>
          You have no plan at the moment. <a href="#plans">See plans</a>
        </p>
      )}
      <EndedPlan billing={billing} />
    </section>
  )
}

/** The subscriptions beside the current one, where a customer may have several. */
export function MoreSubscriptions({ billing }: { billing: Billing }) {
  const [, ...others] = openSubscriptions(billing)
  if (others.length === 0) return null
  return (
    <section className="card more" aria-labelledby="more-heading">
      <h2 id="more-heading">More subscriptions</h2>
      <div className="subscriptions">
        {others.map((subscription) => (
          <SubscriptionState key={subscription.id} billing={billing} subscription={subscription} isCurrent={false} />
        ))}
      </div>
    </section>
  )
}

function EndedPlan({ billing }: { billing: Billing }) {
  const ended = endedPlan(billing)
  if (!ended?.canceledAt) return null
  const name = nameOf(billing, ended)
  return (
    <p className="ended">
      <span>
        {name} ended on {formatDate(ended.canceledAt)}. <a href="#plans">Get {name} again</a>
      </span>
      <Badge tone="calm">Canceled</Badge>
    </p>
  )
}
