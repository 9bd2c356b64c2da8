import { useResource } from '@flowglad/react'
import { useState } from 'react'
import { Calls } from './Calls'
import { describeUsage } from './describeUsage'
import { Hook } from './Hook'

export function ResourceHook() {
  const [slug, setSlug] = useState('seats')
  const { usage, claims, isLoading, isLoadingClaims, error, claim, release } = useResource(slug)
  const newest = claims.at(-1)?.id ?? ''
  return (
    <Hook
      call="useResource(resourceSlug)"
      facts={{
        isLoading,
        isLoadingClaims,
        error: error && error.message,
        usage: usage && describeUsage(usage),
        claims: claims.map(({ externalId, metadata }) => {
          const holder = externalId ?? 'anonymous'
          return metadata ? `${holder} ${JSON.stringify(metadata)}` : holder
        }),
      }}
    >
      <label htmlFor="resource-slug">resourceSlug</label>
      <select id="resource-slug" value={slug} onChange={(event) => setSlug(event.target.value)}>
        <option>seats</option>
        <option>no_such_resource</option>
      </select>
      <Calls
        of="claim"
        run={claim}
        variants={{
          'quantity 2': [{ quantity: 2 }],
          'external id': [{ externalId: 'linus' }],
          'quantity 0': [{ quantity: 0 }],
        }}
      />
      <Calls
        of="release"
        run={release}
        variants={{
          'claim id': [{ claimIds: [newest] }],
          'quantity 1': [{ quantity: 1 }],
          'quantity 100': [{ quantity: 100 }],
        }}
      />
    </Hook>
  )
}
