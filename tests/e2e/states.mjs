// The states that money has, on the app's page: each is shown for what it is, fits a phone, and is accessible in light and
// dark colors. The states of a customer who pays, cancels and is past due are in the main flow.
//
//   BASE_URL=http://127.0.0.1:3000 SANDBOX_URL=http://127.0.0.1:4010 node tests/e2e/states.mjs

import assert from 'node:assert/strict'
import { assertAccessible } from './accessibility.mjs'
import { DESKTOP, SMALL_PHONE } from './browser.mjs'
import { control, platform } from './control.mjs'
import { signIn } from './hooks/page.mjs'
import { newPerson, runStory } from './story.mjs'

const DAY = 24 * 60 * 60 * 1000

await runStory(async ({ app, page, watcher, story }) => {
  const card = (name) => page.getByRole('region', { name, exact: true })
  const heading = (name) => page.getByRole('heading', { name, exact: true })
  const button = (name) => page.getByRole('button', { name, exact: true })
  const plan = (name) => card('Plans').getByRole('listitem').filter({ has: heading(name) })
  const current = card('Current plan')

  /** The badge is known by its words, and its colour by the class of its meaning. */
  const badge = (words, tone) => page.locator(`.badge.${tone}`).getByText(words, { exact: true })

  /** Runs a step, and looks at the result on a phone in dark colors and on a desktop in light ones. */
  async function state(name, sentence, act) {
    await story.step(name, sentence, async () => {
      await act()
      await watcher.quiet()
      await page.setViewportSize(SMALL_PHONE)
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.ok(width <= SMALL_PHONE.width, `the page is ${width} wide`)
      await story.screenshot(`${name}-phone`, 'dark')
      await page.setViewportSize(DESKTOP)
      await assertAccessible(page)
    })
  }

  /**
   * A new customer opens the page, after something has happened to them. No event of it comes later, which would make the
   * page read again while the test leaves it.
   */
  async function newCustomerAfter(happened) {
    const { id } = newPerson()
    await signIn(page.request, app, { id, name: 'Ada Example', email: `${id}@example.com` })
    await happened(id)
    await control('GET', 'webhooks/settled')
    await page.goto(app)
    await accountIsRead()
  }

  /** Waits until the account has read all that it shows. Leaving the page earlier cuts off a request. */
  async function accountIsRead() {
    await current.waitFor()
    await page.getByRole('meter', { name: 'API calls left' }).waitFor()
    await watcher.quiet()
  }

  await state('loading', 'Before the prices are there, the page has their shape.', async () => {
    let arrive
    const arrival = new Promise((resolve) => (arrive = resolve))
    await page.route('**/pricing-models/retrieve', async (route) => {
      await arrival
      await route.continue()
    })
    await page.goto(app)
    await page.getByRole('status').getByText('Loading prices…').waitFor({ state: 'attached' })
    await story.screenshot('before', 'light')
    arrive()
    await plan('Pro').waitFor()
    await page.unrouteAll({ behavior: 'wait' })
  })

  await state('yearly', 'By keyboard, a visitor switches to the prices by the year. A credit pack is not a plan.', async () => {
    await page.getByRole('radio', { name: 'Monthly' }).focus()
    await page.keyboard.press('ArrowRight')
    await plan('Pro').getByText('$200.00').waitFor()
    await plan('Pro').getByText('16% less than by the month').waitFor()
    assert.equal(await page.locator('.plans > li').count(), 2)
    await card('One-time purchases on top of any plan').getByText('$9.00').waitFor()
  })

  await state('no-prices', 'Prices that cannot be loaded are no endless wait.', async () => {
    const address = `${app}/api/flowglad/pricing-models/retrieve`
    const down = (route) => route.fulfill({ status: 503, json: { data: null, error: { code: 'down', json: {} } } })
    await page.route(address, down)
    watcher.expectRefusal(address, 503)
    await page.goto(app)
    await page.getByRole('alert').getByText('The prices could not be loaded.').waitFor()
    await page.unrouteAll({ behavior: 'wait' })
  })

  await state('free', 'Free costs nothing, and does not say that it is paid again.', async () => {
    await button('Try again').click()
    await plan('Pro').waitFor()
    await newCustomerAfter(() => null)
    await current.getByText('Nothing to pay.', { exact: false }).waitFor()
    await badge('Active', 'good').waitFor()
    assert.equal(await page.getByText('Renews on').count(), 0)
  })

  await state('no-billing', 'Billing that cannot be read says so, and is read again when the customer asks.', async () => {
    const address = `${app}/api/flowglad/customers/billing`
    const error = { code: 'down', json: {}, message: 'Billing is not available right now.' }
    await page.route(address, (route) => route.fulfill({ status: 503, json: { data: null, error } }), { times: 1 })
    watcher.expectRefusal(address, 503)
    await page.reload()
    await page.getByRole('alert').waitFor()
  })

  await state('refused', 'A page that is refused is a page of the app.', async () => {
    await button('Try again').click()
    await accountIsRead()
    watcher.expectRefusal(`${app}/reports`, 403)
    await page.goto(`${app}/reports`)
    await heading('Upgrade to see reports').waitFor()
    await page.getByRole('banner').getByRole('link', { name: 'Starter' }).waitFor()
  })

  await state('trial', 'A trial says when it ends, and asks for the card that keeps the plan.', async () => {
    await newCustomerAfter(async (customerExternalId) => {
      const { now } = await control('POST', 'advance', { days: 0 })
      const trialEnd = now + 14 * DAY
      await platform('subscriptions', { customerExternalId, priceSlug: 'pro_monthly', trialEnd })
    })
    await badge('Trial', 'info').waitFor()
    await current.getByText(/^Free until \w{3} \d{1,2}, \d{4}\. Add a card to keep Pro\.$/).waitFor()
    await button('Add a card').click()
    await page.waitForURL((url) => url.origin !== app)
    await button('Save card').click()
    await page.getByRole('status').getByText('Card saved').waitFor()
    await current.getByText(/Then \$20\.00 per month\.$/).waitFor()
  })

  await state('ended', 'A plan that has ended is not forgotten: the page says when, and leads to the plans.', async () => {
    const subscription = (await billing()).currentSubscription.id
    await platform(`subscriptions/${subscription}/cancel`, { cancellation: { timing: 'immediately' } })
    await badge('Canceled', 'calm').waitFor()
    await current.getByText(/^Pro ended on/).waitFor()
    await current.getByRole('link', { name: 'Get Pro again' }).waitFor()
  })

  await state('incomplete', 'A plan that another program has booked waits for its first payment.', async () => {
    await newCustomerAfter((customerExternalId) => platform('subscriptions', { customerExternalId, priceSlug: 'pro_monthly' }))
    await badge('Incomplete', 'warn').waitFor()
    await button('Pay now').waitFor()
    assert.equal(await button('Upgrade to Pro').count(), 0, 'it is not sold twice')
  })

  await story.step('first-payment', 'Paying it makes it active.', async () => {
    await button('Pay now').click()
    await page.waitForURL((url) => url.origin !== app)
    await page.getByRole('button', { name: /\bpay\b/i }).click()
    await page.getByRole('status').getByText('Payment received').waitFor()
    await current.getByText('Active', { exact: true }).waitFor()
    await control('GET', 'webhooks/settled')
  })

  await state('changed', 'What changes while the page reads billing for the first time is shown as well.', async () => {
    const hearsOfChanges = page.waitForResponse(`${app}/events`)
    const { id } = newPerson()
    await page.route('**/customers/billing', async (route) => {
      const response = await route.fetch()
      await hearsOfChanges
      await control('POST', 'subscribe', { customer: id, priceSlug: 'pro_yearly' })
      await control('GET', 'webhooks/settled')
      await route.fulfill({ response })
    }, { times: 1 })
    await signIn(page.request, app, { id, name: 'Ada Example', email: `${id}@example.com` })
    await page.goto(app)
    await current.getByText('Pro yearly', { exact: true }).waitFor()
  })

  await state('several', 'Of several subscriptions, each says how it stands and what it needs.', async () => {
    // Flowglad has them where an organization allows more than one, which no API switches on.
    await page.route('**/customers/billing', async (route) => {
      const response = await route.fetch()
      const answer = await response.json()
      await route.fulfill({ response, json: withTwoMore(answer) })
    })
    await newCustomerAfter((customer) => control('POST', 'subscribe', { customer, priceSlug: 'pro_yearly' }))
    await current.getByText('Pro yearly', { exact: true }).waitFor()
    await plan('Pro').getByText('Your plan', { exact: true }).waitFor()
    const more = card('More subscriptions')
    await more.getByText('Your payment for Storage failed.', { exact: false }).waitFor()
    await badge('Past due', 'bad').waitFor()
    await more.getByRole('button', { name: 'Update card' }).waitFor()
    await badge('Cancellation scheduled', 'warn').waitFor()
    await more.getByRole('button', { name: 'Keep Support' }).waitFor()
    await page.unrouteAll({ behavior: 'wait' })
  })

  async function billing() {
    const answer = await page.request.post(`${app}/api/flowglad/customers/billing`, { data: {} })
    return (await answer.json()).data
  }
})

/** The billing of a customer, with a subscription that is past due and one that ends. */
function withTwoMore(answer) {
  const { currentSubscription: own } = answer.data
  const end = own.currentBillingPeriodEnd
  const more = [
    { ...own, id: 'sub_past_due', priceId: 'price_1', name: 'Storage', status: 'past_due' },
    { ...own, id: 'sub_ends', priceId: 'price_2', name: 'Support', status: 'cancellation_scheduled', cancelScheduledAt: end },
  ]
  return { ...answer, data: { ...answer.data, currentSubscriptions: [own, ...more] } }
}
