import { useUsageMeter } from '@flowglad/react'
import { Hook } from './Hook'

export function UsageMeterHook() {
  const known = useUsageMeter('api_calls')
  const unknown = useUsageMeter('no_such_meter')
  return (
    <>
      <Hook call="useUsageMeter('api_calls')" facts={usageMeterFacts(known)} />
      <Hook call="useUsageMeter('no_such_meter')" facts={usageMeterFacts(unknown)} />
    </>
  )
}

function usageMeterFacts({ usageMeter, isLoading, error }: ReturnType<typeof useUsageMeter>) {
  return {
    isLoading,
    error: error && error.message,
    usageMeter: usageMeter && `${usageMeter.name}: ${usageMeter.availableBalance}`,
  }
}
