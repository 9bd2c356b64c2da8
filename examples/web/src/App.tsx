import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Account } from './Account'
import { CheckoutNotice } from './CheckoutNotice'
import { ErrorMessage } from './ErrorMessage'
import { Header } from './Header'
import { readSession, signOut, type Session, type User } from './session'
import { AccountSkeleton } from './Skeletons'
import { useAction } from './useAction'
import { Welcome } from './Welcome'

export function App() {
  // `undefined` until the server has returned it.
  const [session, setSession] = useState<Session>()
  const queryClient = useQueryClient()
  const { error, run } = useAction()

  /** Clears the data that the hooks have cached, so that a user never sees another user's billing. */
  function showUser(user: User | null) {
    setSession((session) => session && { ...session, user })
    queryClient.clear()
  }

  useEffect(() => {
    void run(async () => setSession(await readSession()))
  }, [])

  return (
    <>
      <Header
        session={session}
        onSignOut={() =>
          run(async () => {
            await signOut()
            showUser(null)
            window.scrollTo(0, 0)
          })
        }
      />
      <main>
        {/* It ends with the session of the user whom it is for. */}
        {session && <CheckoutNotice key={session.user?.id} />}
        <ErrorMessage message={error} />
        {!session && !error && <AccountSkeleton />}
        {session && !session.user && <Welcome session={session} onSignedIn={showUser} />}
        {session?.user && <Account />}
      </main>
      <footer>
        <p>Starter is an example app. Its billing runs on Flowglad, served from Rust.</p>
      </footer>
    </>
  )
}
