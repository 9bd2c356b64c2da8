import { USAGE_METERS_QUERY_KEY, type useBilling } from '@flowglad/react'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useRef } from 'react'

/**
 * Reads billing anew when the server says that it has changed, for example when a month has passed or a payment has failed.
 *
 * Flowglad posts the change to the server's webhook, and the server passes it on to the open pages of this customer as a
 * server-sent event. A change that this page misses, because it is offline or Flowglad could not post it, is shown when the
 * user comes back to its tab: then the hooks read anew by themselves.
 */
export function useBillingChanges(billing: ReturnType<typeof useBilling>) {
  const queryClient = useQueryClient()
  const changedDuringFirstRead = useRef(false)

  const readAnew = useEffectEvent(async () => {
    // What is being read may be from before the change.
    if (!billing.loaded) changedDuringFirstRead.current = true
    if (!billing.loaded || !billing.customer) return
    await Promise.all([billing.reload(), queryClient.invalidateQueries({ queryKey: [USAGE_METERS_QUERY_KEY] })])
  })

  useEffect(() => {
    const changes = new EventSource('/events')
    let wasOpen = false
    changes.addEventListener('open', () => {
      // The browser reconnects by itself. What changed in between was missed.
      if (wasOpen) void readAnew()
      wasOpen = true
    })
    changes.addEventListener('billing', () => void readAnew())
    return () => changes.close()
  }, [])

  useEffect(() => {
    if (!billing.loaded || !changedDuringFirstRead.current) return
    changedDuringFirstRead.current = false
    void readAnew()
  }, [billing.loaded])
}
