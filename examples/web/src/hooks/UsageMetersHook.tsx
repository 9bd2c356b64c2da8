import { USAGE_METERS_QUERY_KEY, useUsageMeters } from '@flowglad/react'
import { useQueryClient } from '@tanstack/react-query'
import { Calls } from './Calls'
import { Hook } from './Hook'

/** The balances of all current subscriptions, and those of the entered one. */
export function UsageMetersHook({ givenSubscription }: { givenSubscription: string }) {
  const queryClient = useQueryClient()
  const all = useUsageMeters()
  const filtered = useUsageMeters(givenSubscription ? { subscriptionId: givenSubscription } : undefined)
  return (
    <>
      <Hook call="useUsageMeters()" facts={usageMetersFacts(all)}>
        <Calls
          of="invalidateQueries"
          run={(key: string) => queryClient.invalidateQueries({ queryKey: [key] })}
          variants={{ USAGE_METERS_QUERY_KEY: [USAGE_METERS_QUERY_KEY] }}
        />
      </Hook>
      <Hook call="useUsageMeters({ subscriptionId })" facts={usageMetersFacts(filtered)} />
    </>
  )
}

function usageMetersFacts({ usageMeters, isLoading, error }: ReturnType<typeof useUsageMeters>) {
  return {
    isLoading,
    error: error && error.message,
    usageMeters: usageMeters?.map(({ slug, availableBalance }) => `${slug}: ${availableBalance}`),
  }
}
