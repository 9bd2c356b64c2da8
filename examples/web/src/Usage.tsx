import { USAGE_METERS_QUERY_KEY, useUsageMeter } from '@flowglad/react'
import { useQueryClient } from '@tanstack/react-query'
import { ErrorMessage } from './ErrorMessage'
import { grantedCredits } from './credits'
import type { Billing } from './pricing'
import { postJson } from './session'
import { useAction } from './useAction'

const METER = 'api_calls'

/** The remaining credits, and two buttons that use credits. */
export function Usage({ billing }: { billing: Billing }) {
  const { usageMeter, isLoading, error: loadError } = useUsageMeter(METER)
  const queryClient = useQueryClient()
  const { pending, error, run } = useAction()

  /** The server records the usage, so the browser cannot report less. The page then requests the new balance. */
  function makeCalls(amount: number) {
    return run(async () => {
      await postJson('/calls', { amount })
      await queryClient.invalidateQueries({ queryKey: [USAGE_METERS_QUERY_KEY] })
    })
  }

  const left = Math.max(0, usageMeter?.availableBalance ?? 0)
  const granted = Math.max(left, grantedCredits(billing, METER))
  const percent = granted > 0 ? (left / granted) * 100 : 0

  return (
    <section className="card" aria-labelledby="usage-heading">
      <h2 id="usage-heading">API calls</h2>
      {isLoading ? (
        <p className="loading">Loading…</p>
      ) : (
        <>
          <p className="headline">
            <strong>{left.toLocaleString()}</strong> <small>of {granted.toLocaleString()} calls left</small>
          </p>
          <div
            className={percent < 10 ? 'bar low' : 'bar'}
            role="meter"
            aria-label="API calls left"
            aria-valuemin={0}
            aria-valuemax={granted}
            aria-valuenow={left}
          >
            <div style={{ width: `${percent}%` }} />
          </div>
        </>
      )}
      <div className="actions">
        <button type="button" className="secondary" disabled={pending} onClick={() => makeCalls(1)}>
          Make 1 call
        </button>
        <button type="button" className="secondary" disabled={pending} onClick={() => makeCalls(100)}>
          Make 100 calls
        </button>
      </div>
      <ErrorMessage message={error ?? loadError?.message ?? null} />
    </section>
  )
}
