import type { FormEvent } from 'react'
import { ErrorMessage } from './ErrorMessage'
import { signIn, type User } from './session'
import { useAction } from './useAction'

/** The example's sign-in has no password: the id alone selects the customer. */
export function SignIn({
  asksForOrganization,
  onSignedIn,
}: {
  asksForOrganization: boolean
  onSignedIn: (user: User) => void
}) {
  const { pending, error, run } = useAction()

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const user = {
      id: String(fields.get('id')).trim(),
      name: String(fields.get('name')).trim(),
      email: String(fields.get('email')).trim(),
      organization: String(fields.get('organization') ?? '').trim() || undefined,
    }
    void run(async () => {
      await signIn(user)
      onSignedIn(user)
    })
  }

  return (
    <form id="sign-in" className="card" aria-labelledby="sign-in-heading" onSubmit={submit}>
      <h2 id="sign-in-heading">Sign in</h2>
      <label>
        User id
        <input name="id" autoComplete="username" autoCapitalize="none" spellCheck={false} required />
      </label>
      <label>
        Name
        <input name="name" autoComplete="name" required />
      </label>
      <label>
        Email
        <input name="email" type="email" autoComplete="email" required />
      </label>
      {asksForOrganization && (
        <label>
          Organization
          <input name="organization" autoComplete="organization" autoCapitalize="none" spellCheck={false} />
        </label>
      )}
      <ErrorMessage message={error} />
      <button type="submit" disabled={pending}>
        Sign in
      </button>
      <p className="muted">
        A demo: no password, and a new {asksForOrganization ? 'organization' : 'id'} starts a new account on the free
        plan.
      </p>
    </form>
  )
}
