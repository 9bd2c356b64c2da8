import { RESOURCE_CLAIMS_QUERY_KEY, RESOURCES_QUERY_KEY, useResources } from '@flowglad/react'
import { useQueryClient } from '@tanstack/react-query'
import { Calls } from './Calls'
import { describeUsage } from './describeUsage'
import { Hook } from './Hook'

const seats = { resourceSlug: 'seats' }

export function ResourcesHook({ givenSubscription }: { givenSubscription: string }) {
  const queryClient = useQueryClient()
  const { resources, isLoading, error, claim, release } = useResources()
  return (
    <Hook
      call="useResources()"
      facts={{ isLoading, error: error && error.message, resources: resources?.map(describeUsage) }}
    >
      <Calls
        of="claim"
        run={claim}
        variants={{
          'quantity 1': [{ ...seats, quantity: 1 }],
          'external id': [{ ...seats, externalId: 'ada', metadata: { desk: 7, window: true } }],
          'external ids': [{ ...seats, externalIds: ['ada', 'grace'] }],
          'over capacity': [{ ...seats, quantity: 100 }],
          'two targets': [{ ...seats, quantity: 1, externalId: 'ada' }],
          'unknown resource': [{ resourceSlug: 'no_such_resource', quantity: 1 }],
          'given subscription': [{ ...seats, quantity: 1, subscriptionId: givenSubscription }],
        }}
      />
      <Calls
        of="release"
        run={release}
        variants={{
          'quantity 1': [{ ...seats, quantity: 1 }],
          'external id': [{ ...seats, externalId: 'ada' }],
          'external ids': [{ ...seats, externalIds: ['ada', 'grace'] }],
          'no such claim': [{ ...seats, externalId: 'missing' }],
          'no target': [seats],
        }}
      />
      <Calls
        of="invalidateQueries"
        run={(key: string) => queryClient.invalidateQueries({ queryKey: [key] })}
        variants={{
          RESOURCES_QUERY_KEY: [RESOURCES_QUERY_KEY],
          RESOURCE_CLAIMS_QUERY_KEY: [RESOURCE_CLAIMS_QUERY_KEY],
        }}
      />
    </Hook>
  )
}
