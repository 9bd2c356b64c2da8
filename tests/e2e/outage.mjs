// Flowglad is down while a customer uses the app: the balance stays right, and the usage arrives afterwards.
//
//   BASE_URL=http://127.0.0.1:3000 SANDBOX_URL=http://127.0.0.1:4010 node tests/e2e/outage.mjs

import assert from 'node:assert/strict'
import { PHONE } from './browser.mjs'
import { control } from './control.mjs'
import { signIn } from './hooks/page.mjs'
import { newPerson, runStory } from './story.mjs'
import { usageIsRead } from './usage.mjs'

/** The server waits for longer from retry to retry: after an outage of half a minute, 16 seconds at most. */
const RETRY_TIMEOUT = 30_000

await runStory(async ({ app, page, watcher, story }) => {
  const person = newPerson()
  const button = (name) => page.getByRole('button', { name, exact: true })
  const showsLeft = (left) => page.getByText(`${left} of 100 calls left`).waitFor()
  const balanceAtFlowglad = async () => {
    const ledger = await control('GET', `usage-ledger?customer=${person.id}`)
    return ledger.events.reduce((left, event) => left - event.amount, 100)
  }
  const eventsAreHandled = () =>
    page.waitForFunction(async (id) => {
      const log = await (await fetch('/webhooks/flowglad/log')).json()
      return log.filter((event) => event.customerExternalId === id).length === 2
    }, person.id)

  await story.step('before', 'A customer on Free has 100 calls.', async () => {
    await signIn(page.request, app, person)
    await page.goto(app)
    await showsLeft(100)
    // The events of a new customer outdate the billing in memory. It is read anew before Flowglad goes down.
    await eventsAreHandled()
    const billing = await page.request.post(`${app}/api/flowglad/customers/billing`, { data: {} })
    assert.equal(billing.status(), 200)
  })

  await story.step('outage', 'Flowglad goes down. Calls go on, and the page says that their usage is on its way.', async () => {
    await control('POST', 'faults', { cut: 'before', times: 1_000_000 })
    await button('Make 1 call').click()
    await showsLeft(99)
    await page.getByText('1 call is on its way to Flowglad.', { exact: true }).waitFor()
    await button('Make 1 call').click()
    await showsLeft(98)
    await page.getByText('2 calls are on their way to Flowglad.', { exact: true }).waitFor()
    assert.equal(await balanceAtFlowglad(), 100)
  })

  await story.step('limit', 'The balance is a limit also now.', async () => {
    watcher.expectRefusal(`${app}/calls`, 402)
    await button('Make 100 calls').click()
    await page.getByRole('alert').getByText('This needs 100, and you have 98 left.').waitFor()
    await showsLeft(98)
  })

  await story.step('phone', 'All of it fits a phone.', async () => {
    await page.setViewportSize(PHONE)
    await showsLeft(98)
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    assert.ok(width <= PHONE.width, `the page is ${width} wide`)
  })

  await story.step('after', 'Flowglad is back and gets the usage once. The balance is the same.', async () => {
    const usage = usageIsRead(page, app, RETRY_TIMEOUT)
    await control('DELETE', 'faults')
    await page.getByText('on their way to Flowglad').waitFor({ state: 'hidden', timeout: RETRY_TIMEOUT })
    await usage
    await showsLeft(98)
    assert.equal(await balanceAtFlowglad(), 98)
  })

  await story.step('loaded-again', 'Loaded again, the page shows the same.', async () => {
    await page.reload()
    await showsLeft(98)
  })
})
