import type { Auth } from './session'

const NAMES = { clerk: 'Clerk', supabase: 'Supabase', authjs: 'Auth.js', 'better-auth': 'Better Auth' }

/** This server checks the provider's sessions and has no sign-in page of its own. */
export function SignInElsewhere({ auth }: { auth: Exclude<Auth, 'demo'> }) {
  return (
    <section id="sign-in" className="card" aria-labelledby="sign-in-heading">
      <h2 id="sign-in-heading">Sign in with {NAMES[auth]}</h2>
      <p>
        {NAMES[auth]} signs the users of this app in. Sign in on its page, at the same host as this one, and come back:
        your session is then known here.
      </p>
      <a className="button" href="/">
        I have signed in
      </a>
    </section>
  )
}
