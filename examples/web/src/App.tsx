import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Account } from './Account'
import { CheckoutNotice } from './CheckoutNotice'
import { ErrorMessage } from './ErrorMessage'
import { Header } from './Header'
import { readSession, signOut, type User } from './session'
import { useAction } from './useAction'
import { Welcome } from './Welcome'

export function App() {
  // `undefined` until the server has returned the signed-in user.
  const [user, setUser] = useState<User | null>()
  const queryClient = useQueryClient()
  const { error, run } = useAction()

  /** Clears the data that the hooks have cached, so that a user never sees another user's billing. */
  function showUser(next: User | null) {
    setUser(next)
    queryClient.clear()
  }

  useEffect(() => {
    void run(async () => setUser(await readSession()))
  }, [])

  return (
    <>
      <Header
        user={user ?? null}
        onSignOut={() =>
          run(async () => {
            await signOut()
            showUser(null)
            window.scrollTo(0, 0)
          })
        }
      />
      <main>
        <CheckoutNotice />
        <ErrorMessage message={error} />
        {user === undefined && !error && <p className="loading">Loading…</p>}
        {user === null && <Welcome onSignedIn={showUser} />}
        {user && <Account />}
      </main>
      <footer>
        <p>Starter is an example app. Its billing runs on Flowglad, served from Rust.</p>
      </footer>
    </>
  )
}
