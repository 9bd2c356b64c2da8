import { usePricing } from '@flowglad/react'
import { Plans } from './Plans'
import { SignIn } from './SignIn'
import type { User } from './session'

/** The page for an anonymous visitor: the public prices, which require no session, and the sign-in form. */
export function Welcome({ onSignedIn }: { onSignedIn: (user: User) => void }) {
  const pricingModel = usePricing()

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
        <SignIn onSignedIn={onSignedIn} />
      </section>
      {pricingModel ? (
        <Plans
          pricingModel={pricingModel}
          action={(product) => (
            <a className="button secondary" href="#sign-in">
              {product.default ? 'Start free' : 'Sign in to buy'}
            </a>
          )}
        />
      ) : (
        <p className="loading">Loading prices…</p>
      )}
    </>
  )
}
