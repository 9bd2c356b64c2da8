import { useState } from 'react'
import { Badge } from './Badge'
import { CancelConfirmation } from './CancelConfirmation'
import { returnUrls, throwIfRefused } from './checkout'
import { ErrorMessage } from './ErrorMessage'
import type { Billing, Subscription } from './pricing'
import { describeCost, nameOf, type Need, standingOf } from './standing'
import { useAction } from './useAction'

type Props = { billing: Billing; subscription: Subscription; isCurrent: boolean }

/** One subscription: its plan, how it stands, and what the customer can do about it. */
export function SubscriptionState({ billing, subscription, isCurrent }: Props) {
  const { pending, error, run } = useAction()
  const [confirming, setConfirming] = useState(false)
  // The focus follows what replaces the confirmation, and is not taken before.
  const [wasAsked, setWasAsked] = useState(false)
  const { id, cancelScheduledAt, isFreePlan } = subscription
  const { badge, tone, sentence, problem, need } = standingOf(billing, subscription)
  const [name, cost] = [nameOf(billing, subscription), describeCost(subscription)]
  // What has no period yet cannot be canceled at its end.
  const canCancel = !cancelScheduledAt && !isFreePlan && !confirming && need !== 'first payment'

  function askToConfirm() {
    setConfirming(true)
    setWasAsked(true)
  }

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
    <div className="subscription">
      <p className={isCurrent ? 'headline' : 'headline small'}>
        <strong>{name}</strong> <Badge tone={tone}>{badge}</Badge>
      </p>
      {cost && <p className="muted">{cost}</p>}
      <ErrorMessage message={problem} />
      {sentence && <p>{sentence}</p>}
      <div className="actions">
        {need && <MeetNeed billing={billing} subscriptionId={id} need={need} />}
        {cancelScheduledAt && (
          <button type="button" className="secondary" autoFocus={wasAsked} disabled={pending} onClick={resume}>
            Keep {name}
          </button>
        )}
        {canCancel && (
          <button type="button" className="quiet" autoFocus={wasAsked} onClick={askToConfirm}>
            {isCurrent ? 'Cancel plan' : `Cancel ${name}`}
          </button>
        )}
      </div>
      {!cancelScheduledAt && confirming && (
        <CancelConfirmation
          name={name}
          end={subscription.currentBillingPeriodEnd}
          pending={pending}
          onCancel={cancel}
          onKeep={() => setConfirming(false)}
        />
      )}
      <ErrorMessage message={error} />
    </div>
  )
}

const NEEDS: Record<Need, string> = { 'new card': 'Update card', card: 'Add a card', 'first payment': 'Pay now' }

/** The button for what a subscription needs. It opens the hosted page, and the next payment uses the card from there. */
function MeetNeed({ billing, subscriptionId, need }: { billing: Billing; subscriptionId: string; need: Need }) {
  const { pending, error, run } = useAction()

  function meet() {
    return run(async () => {
      const target = { targetSubscriptionId: subscriptionId, autoRedirect: true }
      throwIfRefused(
        need === 'first payment'
          ? await billing.createActivateSubscriptionCheckoutSession({ ...target, ...returnUrls('paid') })
          : await billing.createAddPaymentMethodCheckoutSession({ ...target, ...returnUrls('card_saved') }),
      )
    })
  }

  return (
    <>
      <button type="button" disabled={pending} onClick={meet}>
        {NEEDS[need]}
      </button>
      <ErrorMessage message={error} />
    </>
  )
}
