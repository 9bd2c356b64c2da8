import { useEffect, useState } from 'react'
import { outcomes, readOutcome } from './checkout'

/** Says how the checkout ended, and takes the flag out of the URL so that a reload does not say it again. */
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
