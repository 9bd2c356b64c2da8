import { Badge } from './Badge'
import { returnUrls, throwIfRefused } from './checkout'
import { ErrorMessage } from './ErrorMessage'
import type { Billing } from './pricing'
import { useAction } from './useAction'
import { capitalize } from './wording'

type PaymentMethod = Billing['paymentMethods'][number]

export function PaymentMethods({ billing }: { billing: Billing }) {
  const { pending, error, run } = useAction()

  /** The user enters card details on the hosted page; they never pass through this app. */
  function addCard() {
    return run(async () => {
      throwIfRefused(
        await billing.createAddPaymentMethodCheckoutSession({ ...returnUrls('card_saved'), autoRedirect: true }),
      )
    })
  }

  return (
    <section className="card" aria-labelledby="payment-heading">
      <h2 id="payment-heading">Payment methods</h2>
      {billing.paymentMethods.length === 0 ? (
        <p className="muted">No card yet.</p>
      ) : (
        <ul className="rows">
          {billing.paymentMethods.map((method) => (
            <li key={method.id}>
              <span>
                {describePaymentMethod(method)}
                {describeExpiry(method) && <small>{describeExpiry(method)}</small>}
              </span>
              {method.default && <Badge tone="calm">Default</Badge>}
            </li>
          ))}
        </ul>
      )}
      <div className="actions">
        <button type="button" className="secondary" disabled={pending} onClick={addCard}>
          Add card
        </button>
        <a href={billing.billingPortalUrl}>Billing portal</a>
      </div>
      <ErrorMessage message={error} />
    </section>
  )
}

/** "Visa ending 4242" for a card; the type for other payment methods. */
function describePaymentMethod({ type, paymentMethodData: { brand, last4 } }: PaymentMethod): string {
  const name = capitalize(String(brand ?? type).replaceAll('_', ' '))
  return last4 ? `${name} ending ${last4}` : name
}

function describeExpiry({ paymentMethodData: { exp_month: month, exp_year: year } }: PaymentMethod): string | null {
  return month && year ? `Expires ${String(month).padStart(2, '0')}/${year}` : null
}
