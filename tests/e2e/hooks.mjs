// Tests every hook of @flowglad/react and every function that they return, with successful and failed responses, on a
// page made for this: it shows what the hooks themselves read from the server's responses.
//
//   BASE_URL=http://127.0.0.1:3000 SCREENSHOTS=target/e2e node tests/e2e/hooks.mjs

import { HooksPage } from './hooks/page.mjs'
import { buyPro, checkouts } from './hooks/checkouts.mjs'
import { freePlan } from './hooks/free-plan.mjs'
import { seats } from './hooks/seats.mjs'
import { sessionEnds } from './hooks/session-ends.mjs'
import { signedOut } from './hooks/signed-out.mjs'
import { someoneElse } from './hooks/someone-else.mjs'
import { subscriptionChanges } from './hooks/subscription.mjs'
import { usage } from './hooks/usage.mjs'
import { newPerson, runStory } from './story.mjs'

await runStory(async ({ app, browser, page, watcher, story }) => {
  const hooks = new HooksPage(page, watcher, app)
  const [person, otherPerson] = [newPerson(), newPerson()]

  await signedOut({ story, hooks })
  await freePlan({ story, hooks, person })
  const freeSubscription = await hooks.currentSubscription()
  await checkouts({ story, hooks })
  await buyPro({ story, hooks })
  await usage({ story, hooks, freeSubscription })
  await seats({ story, hooks })
  await someoneElse({ story, hooks, browser, otherPerson })
  await subscriptionChanges({ story, hooks })
  await sessionEnds({ story, hooks })
})
