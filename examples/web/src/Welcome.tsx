import { PublicPrices } from './PublicPrices'
import { SignIn } from './SignIn'
import { SignInElsewhere } from './SignInElsewhere'
import type { Session, User } from './session'

/** The page for an anonymous visitor: the public prices, which require no session, and how to sign in. */
export function Welcome({ session, onSignedIn }: { session: Session; onSignedIn: (user: User) => void }) {
  return (
    <>
      <section className="hero">
        <div>
          <h1>An API that grows with your product</h1>
          <p className="lead">
            Start free, pay when you need more. Change or cancel whenever you like: you keep what you paid for until the
            period ends.
          </p>
        </div>
        {session.auth === 'demo' ? (
          <SignIn asksForOrganization={session.customer === 'organization'} onSignedIn={onSignedIn} />
        ) : (
          <SignInElsewhere auth={session.auth} />
        )}
      </section>
      <PublicPrices />
    </>
  )
}
