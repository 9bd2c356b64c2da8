import * as flowglad from '@flowglad/react'
import { useState } from 'react'
import { BillingHook } from './BillingHook'
import { Facts } from './Facts'
import { GivenSubscription } from './GivenSubscription'
import { LastCall, LastCallProvider } from './LastCall'
import { PricingHook, PricingModelHook } from './PricingHooks'
import { ResourceHook } from './ResourceHook'
import { ResourcesHook } from './ResourcesHook'
import { UsageMeterHook } from './UsageMeterHook'
import { UsageMetersHook } from './UsageMetersHook'

/** Every hook of `@flowglad/react` with its values, and a button for every function that it returns. */
export function HooksPage() {
  const [givenSubscription, setGivenSubscription] = useState('')

  return (
    <LastCallProvider>
      <main className="hooks">
        <h1>Every hook of @flowglad/react</h1>
        <p className="lead">
          A page for the browser test and for curious developers, not part of the app. It shows what each hook holds,
          and has buttons for all functions that the hooks return: some calls succeed, some are meant to fail. Sign in
          on <a href="/">the app's page</a>, then come back.
        </p>
        <LastCall />
        <GivenSubscription id={givenSubscription} onGiven={setGivenSubscription} />
        <BillingHook givenSubscription={givenSubscription} />
        <PricingHook />
        <PricingModelHook />
        <UsageMetersHook givenSubscription={givenSubscription} />
        <UsageMeterHook />
        <ResourcesHook givenSubscription={givenSubscription} />
        <ResourceHook />
        <section className="card" aria-labelledby="exports-heading">
          <h2 id="exports-heading">Exports</h2>
          <Facts of={{ names: Object.keys(flowglad) }} />
        </section>
      </main>
    </LastCallProvider>
  )
}
