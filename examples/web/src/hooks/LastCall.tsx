import { createContext, type ReactNode, useContext, useState } from 'react'
import { show } from './show'

type Call = { title: string; args: unknown[] } & (
  | { state: 'pending' }
  | { state: 'resolved'; value: unknown }
  | { state: 'threw'; message: string }
)

type Run = (title: string, args: unknown[], run: () => unknown) => Promise<void>

const LastCallContext = createContext<{ last: Call | null; call: Run } | null>(null)

export function LastCallProvider({ children }: { children: ReactNode }) {
  const [last, setLast] = useState<Call | null>(null)

  const call: Run = async (title, args, run) => {
    setLast({ title, args, state: 'pending' })
    try {
      setLast({ title, args, state: 'resolved', value: await run() })
    } catch (cause) {
      setLast({ title, args, state: 'threw', message: cause instanceof Error ? cause.message : String(cause) })
    }
  }

  return <LastCallContext value={{ last, call }}>{children}</LastCallContext>
}

/** Runs a function of a hook, and stores its outcome for `LastCall`. */
export function useCall(): Run {
  return useLastCall().call
}

/** The function called last, and its outcome. */
export function LastCall() {
  const { last } = useLastCall()
  return (
    <section className="card last-call" aria-labelledby="last-call-heading">
      <h2 id="last-call-heading">Last call</h2>
      {last ? (
        <>
          <h3>{last.title}</h3>
          <pre>{last.args.map(show).join(', ')}</pre>
          <Outcome of={last} />
        </>
      ) : (
        <p className="muted">None yet.</p>
      )}
    </section>
  )
}

/** What the hook's function returned or threw. */
function Outcome({ of: call }: { of: Call }) {
  switch (call.state) {
    case 'pending':
      return <p className="muted">Waiting…</p>
    case 'resolved':
      return (
        <div className="resolved" role="status">
          resolved with
          <pre>{show(call.value)}</pre>
        </div>
      )
    case 'threw':
      return (
        <div className="error" role="alert">
          threw
          <pre>{call.message}</pre>
        </div>
      )
  }
}

function useLastCall() {
  const context = useContext(LastCallContext)
  if (!context) throw new Error('LastCallProvider is missing')
  return context
}
