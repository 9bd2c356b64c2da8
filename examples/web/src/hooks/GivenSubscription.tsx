import type { FormEvent } from 'react'

type Props = { id: string; onGiven: (id: string) => void }

/** An input for the id of any subscription, for example of another customer's. */
export function GivenSubscription({ id, onGiven }: Props) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    onGiven(String(new FormData(event.currentTarget).get('id')).trim())
  }

  return (
    <form className="card given" onSubmit={submit}>
      <label>
        Given subscription
        <input name="id" defaultValue={id} autoCapitalize="none" spellCheck={false} />
      </label>
      <button type="submit" className="secondary">
        Use it
      </button>
      <p className="muted">Any id, for the calls with the given subscription and for useUsageMeters.</p>
    </form>
  )
}
