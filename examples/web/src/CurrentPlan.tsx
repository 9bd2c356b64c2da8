import { useState } from 'react'
import { ErrorMessage } from './ErrorMessage'
import { type Billing, currentProduct } from './pricing'
import { useAction } from './useAction'
import { describeStatus, formatDate } from './wording'

/** The customer's plan, with a button that cancels a paid one. */
export function CurrentPlan({ billing }: { billing: Billing }) {
  const { pending, error, run } = useAction()
  const [confirming, setConfirming] = useState(false)

  const subscription = billing.currentSubscription
  if (!subscription) {
    return (
      <section className="card" aria-labelledby="plan-heading">
        <h2 id="plan-heading">Current plan</h2>
        <p>You have no plan at the moment.</p>
      </section>
    )
  }

  const { id, status, currentBillingPeriodEnd: periodEnd, cancelScheduledAt } = subscription
  const name = currentProduct(billing)?.name ?? subscription.name ?? 'Your plan'
  const isUnpaid = status === 'past_due'
  const badge = cancelScheduledAt || isUnpaid ? 'badge warn' : 'badge'

  function cancel() {
    return run(async () => {
      const answer = await billing.cancelSubscription({
        id,
        cancellation: { timing: 'at_end_of_current_billing_period' },
      })
      // A refused cancellation resolves without a subscription and without the server's message.
      if (!answer.subscription) throw new Error('Your plan could not be cancelled. Please try again.')
      setConfirming(false)
      await billing.reload()
    })
  }

  function resume() {
    return run(async () => {
      const answer = await billing.uncancelSubscription({ id })
      if (!answer.subscription) throw new Error('Your plan could not be resumed. Please try again.')
      await billing.reload()
    })
  }

  return (
    <section className="card" aria-labelledby="plan-heading">
      <h2 id="plan-heading">Current plan</h2>
      <p className="headline">
        <strong>{name}</strong> <span className={badge}>{describeStatus(status)}</span>
      </p>
      {cancelScheduledAt ? (
        <p>Cancels on {formatDate(cancelScheduledAt)}. Until then you keep everything in {name}.</p>
      ) : (
        periodEnd && <p>Renews on {formatDate(periodEnd)}.</p>
      )}
      {isUnpaid && <ErrorMessage message={`Your payment for ${name} failed. Please check your card.`} />}
      {cancelScheduledAt && (
        <div className="actions">
          <button type="button" className="secondary" disabled={pending} onClick={resume}>
            Keep {name}
          </button>
        </div>
      )}
      {!cancelScheduledAt && !subscription.isFreePlan && !confirming && (
        <div className="actions">
          <button type="button" className="quiet" onClick={() => setConfirming(true)}>
            Cancel plan
          </button>
        </div>
      )}
      {!cancelScheduledAt && confirming && (
        <div className="confirm" role="group" aria-label="Cancel plan">
          <p>
            Cancel {name}? You keep it{periodEnd ? ` until ${formatDate(periodEnd)}` : ' until the period ends'}, and are
            not charged again.
          </p>
          <div className="actions">
            <button type="button" className="danger" disabled={pending} onClick={cancel}>
              Yes, cancel
            </button>
            <button
              type="button"
              className="secondary"
              autoFocus
              disabled={pending}
              onClick={() => setConfirming(false)}
            >
              No, keep it
            </button>
          </div>
        </div>
      )}
      <ErrorMessage message={error} />
    </section>
  )
}
