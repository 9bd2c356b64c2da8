import { useEffect, useState } from 'react'
import { postJson, readError } from './session'

const POLL_MS = 500

/** The usage that the server has recorded and Flowglad does not have yet, of all customers. */
type UsageStatus = { pending: number; oldestPendingMs: number; sent: number; deadLetters: number }

/** What the server recorded, and the balance after it. It counts what is not at Flowglad yet. */
type CallsMade = { recorded: number; balance: number }

/**
 * Makes calls, and knows the balance until Flowglad has their usage. The server keeps usage on its disk and delivers it in
 * the background, usually at once; while Flowglad is down, the balance of the hooks is older than that of the server.
 *
 * `readBalance` reads Flowglad's balance anew, once it is up to date.
 */
export function useRecordedUsage(readBalance: () => Promise<void>) {
  const [made, setMade] = useState<CallsMade | null>(null)
  const [pending, setPending] = useState(0)

  useEffect(() => {
    let stopped = false
    async function waitForDelivery() {
      while (!stopped) {
        const isDelivered = await readAfterDelivery().catch(() => false)
        if (isDelivered) return
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    }
    async function readAfterDelivery() {
      const status = await readUsageStatus()
      if (stopped) return true
      setPending(status.pending)
      if (status.pending > 0) return false
      if (made) await readBalance()
      if (!stopped) setMade(null)
      return true
    }
    void waitForDelivery()
    return () => {
      stopped = true
    }
  }, [made])

  async function makeCalls(amount: number) {
    const response = await postJson('/calls', { amount })
    setMade((await response.json()) as CallsMade)
  }

  return { balance: made?.balance ?? null, isPending: pending > 0, makeCalls }
}

async function readUsageStatus(): Promise<UsageStatus> {
  const response = await fetch('/usage/status', { headers: { Accept: 'application/json' } })
  if (!response.ok) throw new Error(await readError(response))
  return (await response.json()) as UsageStatus
}
