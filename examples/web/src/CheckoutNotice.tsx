import { useEffect, useState } from 'react'
import { outcomes, readOutcome } from './checkout'

/** Shows how the checkout ended, and removes the flag from the URL so that a reload does not show it again. */
export function CheckoutNotice() {
  const [outcome, setOutcome] = useState(readOutcome)

  useEffect(() => {
    if (outcome) window.history.replaceState(null, '', window.location.pathname)
  }, [outcome])

  if (!outcome) return null
  return (
    <div className="notice" role="status">
      <p>{outcomes[outcome]}</p>
      <button type="button" className="quiet" onClick={() => setOutcome(null)}>
        Dismiss
      </button>
    </div>
  )
}
