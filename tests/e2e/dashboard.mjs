// The sandbox's own pages in a real browser: the dashboard, the checkout page and the billing portal. They show an app's
// calls, their buttons work, hostile names stay text, and axe-core finds nothing serious on any of them.
//
//   BASE_URL=http://127.0.0.1:4010 SCREENSHOTS=target/e2e node tests/e2e/dashboard.mjs

import { customerPages } from './dashboard/customer-pages.mjs'
import { everyPage } from './dashboard/every-page.mjs'
import { overview } from './dashboard/overview.mjs'
import { parts } from './dashboard/parts.mjs'
import { SandboxUser } from './dashboard/sandbox-user.mjs'
import { tabs } from './dashboard/tabs.mjs'
import { runStory } from './story.mjs'

await runStory(async ({ app, page, story }) => {
  const user = new SandboxUser(app, page)
  await overview({ story, page, user })
  await parts({ story, page, user })
  await tabs({ story, page, user })
  await customerPages({ story, page, user })
  await everyPage({ story, page, user })
  await story.step('reset', 'Reset removes all customers.', async () => {
    await page.goto(app)
    await page.getByText('Reset…').click()
    await user.button('Forget everything').click()
    await user.part('Customers').getByText('No customer yet.').waitFor()
  })
})
