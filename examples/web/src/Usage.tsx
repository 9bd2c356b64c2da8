import { USAGE_METERS_QUERY_KEY, useUsageMeter } from '@flowglad/react'
import { useQueryClient } from '@tanstack/react-query'
import { ErrorMessage } from './ErrorMessage'
import { grantedCredits } from './credits'
import type { Billing } from './pricing'
import { useRecordedUsage } from './recordedUsage'
import { SkeletonLines } from './Skeletons'
import { useAction } from './useAction'

const METER = 'api_calls'

/**
 * The remaining credits, and two buttons that use credits. The server records the usage, so the browser cannot report
 * less.
 */
export function Usage({ billing }: { billing: Billing }) {
  const { usageMeter, isLoading, error: loadError } = useUsageMeter(METER)
  const queryClient = useQueryClient()
  const { pending, error, run } = useAction()

  const { balance, isPending, makeCalls } = useRecordedUsage(() =>
    queryClient.invalidateQueries({ queryKey: [USAGE_METERS_QUERY_KEY] }, { throwOnError: true }),
  )

  const atFlowglad = usageMeter?.availableBalance ?? 0
  const left = Math.max(0, balance ?? atFlowglad)
  const granted = Math.max(left, grantedCredits(billing, METER))
  const percent = granted > 0 ? (left / granted) * 100 : 0

  return (
    <section className="card" aria-labelledby="usage-heading">
      <h2 id="usage-heading">API calls</h2>
      {isLoading ? (
        <SkeletonLines words="Loading your calls…" lines={2} />
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
          <p className="muted note" role="status">
            {describePending(isPending, balance === null ? 0 : atFlowglad - balance)}
          </p>
        </>
      )}
      <div className="actions">
        <button type="button" className="secondary" disabled={pending} onClick={() => run(() => makeCalls(1))}>
          Make 1 call
        </button>
        <button type="button" className="secondary" disabled={pending} onClick={() => run(() => makeCalls(100))}>
          Make 100 calls
        </button>
      </div>
      <ErrorMessage message={error ?? loadError?.message ?? null} />
    </section>
  )
}

/** Usage counts at once, also before Flowglad has it. This line says so, since the balance of the hooks is still the old one. */
function describePending(isPending: boolean, calls: number): string {
  if (!isPending) return ''
  if (calls <= 0) return 'Some usage is on its way to Flowglad. The balance follows.'
  return calls === 1 ? '1 call is on its way to Flowglad.' : `${calls.toLocaleString()} calls are on their way to Flowglad.`
}
