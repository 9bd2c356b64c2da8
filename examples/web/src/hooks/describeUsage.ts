import type { UseResourceResult } from '@flowglad/react'

type ResourceUsage = NonNullable<UseResourceResult['usage']>

/** "seats: 2 of 5 claimed, 3 left" */
export function describeUsage({ resourceSlug, claimed, capacity, available }: ResourceUsage): string {
  return `${resourceSlug}: ${claimed} of ${capacity} claimed, ${available} left`
}
