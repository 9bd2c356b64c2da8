// The main flow of the example app in a real browser, as a user goes through it:
// from the public prices through checkout, use, cancellation and what happens at Flowglad, back to the public prices.
//
//   BASE_URL=http://127.0.0.1:3000 SANDBOX_URL=http://127.0.0.1:4010 SCREENSHOTS=target/e2e node tests/e2e/main-job.mjs

import assert from 'node:assert/strict'
import { assertAccessible } from './accessibility.mjs'
import { DESKTOP, PHONE } from './browser.mjs'
import { control } from './control.mjs'
import { newPerson, runStory } from './story.mjs'
import { usageIsRead } from './usage.mjs'

await runStory(mainJob)

async function mainJob({ app, page, watcher, story }) {
  const person = newPerson()
  const card = (name) => page.getByRole('region', { name, exact: true })
  const heading = (name) => page.getByRole('heading', { name, exact: true })
  const button = (name) => page.getByRole('button', { name, exact: true })
  const link = (name) => page.getByRole('link', { name, exact: true })
  const plan = (name) => card('Plans').getByRole('listitem').filter({ has: heading(name) })

  /** Reads the bar, and asserts that the text above it shows the same number. */
  async function callsLeft() {
    const bar = page.getByRole('meter', { name: 'API calls left' })
    await bar.waitFor()
    const left = Number(await bar.getAttribute('aria-valuenow'))
    const granted = Number(await bar.getAttribute('aria-valuemax'))
    await page.getByText(words(left, granted)).waitFor()
    return { left, granted }
  }

  /** Presses a button that makes calls, and waits until Flowglad has them and the page has read its balance. */
  async function makesCalls(name, balance) {
    const usage = usageIsRead(page, app)
    await button(name).click()
    await page.getByText(balance).waitFor()
    await usage
  }

  /** Presses a button that opens the hosted page, which has another origin than the app. */
  async function leaveForHostedPage(name) {
    await button(name).click()
    await page.waitForURL((url) => url.origin !== app)
  }

  /** Asserts that the notice is shown and its flag is removed from the URL, so that a reload does not show it again. */
  async function returnToApp(notice) {
    await page.waitForURL((url) => url.origin === app)
    await page.getByRole('status').getByText(notice).waitFor()
    await page.waitForURL(`${app}/`)
  }

  async function assertFitsThePhone() {
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    assert.ok(width <= PHONE.width, `the page is ${width} wide, ${PHONE.width} is the phone's width`)
  }

  await story.step('public-pricing', 'A visitor sees the prices without signing in.', async () => {
    await page.goto(app)
    await heading('Sign in').waitFor()
    await plan('Free').getByText('$0.00').waitFor()
    await plan('Pro').getByText('$20.00').waitFor()
    await plan('Credit pack').getByText('$9.00').waitFor()
  })

  await story.step('public-pricing-phone', 'The prices fit a phone.', async () => {
    await page.setViewportSize(PHONE)
    await plan('Pro').getByText('$20.00').waitFor()
    await assertFitsThePhone()
  })

  await story.step('signed-in', 'They sign in and see their name.', async () => {
    await page.setViewportSize(DESKTOP)
    await page.getByLabel('User id', { exact: true }).fill(person.id)
    await page.getByLabel('Name', { exact: true }).fill(person.name)
    await page.getByLabel('Email', { exact: true }).fill(person.email)
    await button('Sign in').click()
    await page.getByText(person.name, { exact: true }).waitFor()
    await button('Sign out').waitFor()
    await heading('Your account').waitFor()
  })

  await story.step('free-plan', 'A new customer is on Free, with its calls and without the paid features.', async () => {
    await card('Current plan').getByText('Free', { exact: true }).waitFor()
    await card('Current plan').getByText('Active', { exact: true }).waitFor()
    await card('Features').getByText('Part of Pro').first().waitFor()
    await page.getByText('No invoices yet.').waitFor()
    assert.deepEqual(await callsLeft(), { left: 100, granted: 100 })
  })

  await story.step('gated-page-refuses', 'The reports page refuses and says what opens it.', async () => {
    watcher.expectRefusal(`${app}/reports`, 403)
    const [answer] = await Promise.all([page.waitForResponse(`${app}/reports`), link('Reports').click()])
    assert.equal(answer.status(), 403)
    await page.getByText('CSV export is part of Pro').waitFor()
  })

  await story.step('offered-upgrade', 'Its link leads to the plans.', async () => {
    await link('See plans').click()
    await page.waitForURL(`${app}/#plans`)
    await button('Upgrade to Pro').waitFor()
    await page.waitForFunction(() => document.querySelector('#plans').getBoundingClientRect().top < innerHeight / 2)
  })

  await story.step('checkout', 'Upgrading opens the hosted page with the plan and its price.', async () => {
    await leaveForHostedPage('Upgrade to Pro')
    await page.getByText(/\bPro\b/).first().waitFor()
    await page.getByText('$20.00').first().waitFor()
    await page.getByRole('button', { name: /^Pay/ }).waitFor()
  })

  await story.step('paid', 'They pay, come back, and the plan is Pro.', async () => {
    await page.getByRole('button', { name: /^Pay/ }).click()
    await returnToApp('Payment received')
    await card('Current plan').getByText('Pro', { exact: true }).waitFor()
    await card('Current plan').getByText('Active', { exact: true }).waitFor()
    await card('Current plan').getByText(/^Renews on \w{3} \d{1,2}, \d{4}\.$/).waitFor()
    assert.equal(await card('Features').getByText('Included', { exact: true }).count(), 2)
    assert.deepEqual(await callsLeft(), { left: 1000, granted: 1000 })
  })

  await story.step('invoice', 'An invoice of $20.00 is there, and paid.', async () => {
    const row = page.getByRole('table', { name: 'Invoices' }).getByRole('row').filter({ hasText: '$20.00' })
    await row.getByText('Paid', { exact: true }).waitFor()
  })

  await story.step('gated-page-opens', 'The reports page opens.', async () => {
    await link('Reports').click()
    await heading('Reports').waitFor()
    await link('Download CSV').waitFor()
  })

  await story.step('usage', 'Using the app moves the bar.', async () => {
    await page.goto(app)
    const before = await callsLeft()
    await makesCalls('Make 1 call', words(before.left - 1, before.granted))
    await makesCalls('Make 100 calls', words(before.left - 101, before.granted))
    assert.deepEqual(await callsLeft(), { left: before.left - 101, granted: before.granted })
  })

  await story.step('usage-delivered', 'Flowglad has the usage soon, and its balance is the same.', async () => {
    const before = await callsLeft()
    await page.getByText('on their way to Flowglad').waitFor({ state: 'hidden' })
    // Leaving the page would cut a request off.
    await watcher.quiet()
    await page.goto(app)
    assert.deepEqual(await callsLeft(), before)
  })

  await story.step('credit-pack', 'A credit pack adds 500 calls and an invoice of $9.00.', async () => {
    const before = await callsLeft()
    await leaveForHostedPage('Buy credit pack')
    await page.getByText('$9.00').first().waitFor()
    await page.getByRole('button', { name: /^Pay/ }).click()
    await returnToApp('Payment received')
    assert.deepEqual(await callsLeft(), { left: before.left + 500, granted: before.granted + 500 })
    await page.getByRole('row').filter({ hasText: '$9.00' }).getByText('Paid', { exact: true }).waitFor()
  })

  await story.step('billing-portal', 'The billing portal is one link away, and back.', async () => {
    await link('Billing portal').click()
    await page.waitForURL((url) => url.origin !== app)
    await page.getByLabel('Email').waitFor()
    await page.goBack()
    await heading('Your account').waitFor()
  })

  await story.step('card-page', 'Adding a card opens the hosted page.', async () => {
    await leaveForHostedPage('Add card')
    await button('Save card').waitFor()
  })

  await story.step('card-saved', 'The card is saved, and is one more in the list.', async () => {
    await button('Save card').click()
    await returnToApp('Card saved')
    const cards = card('Payment methods').getByText(/ending \d{4}/)
    // The first card is the one that paid for Pro.
    await cards.nth(1).waitFor()
    assert.equal(await cards.count(), 2)
  })

  await story.step('cancelled', 'By keyboard, they cancel at the end of the period, and the page says when.', async () => {
    await button('Cancel plan').press('Enter')
    await button('No, keep it').press('Enter')
    await page.waitForFunction(() => document.activeElement.textContent === 'Cancel plan')
    await button('Cancel plan').press('Enter')
    await button('Yes, cancel').press('Enter')
    await card('Current plan').getByText(/^Cancels on \w{3} \d{1,2}, \d{4}\./).waitFor()
    await card('Current plan').getByText('Pro', { exact: true }).waitFor()
  })

  await story.step('account-phone', 'The account fits a phone.', async () => {
    await page.setViewportSize(PHONE)
    await card('Current plan').getByText(/^Cancels on/).waitFor()
    await assertFitsThePhone()
  })

  await story.step('kept', 'They change their mind and keep Pro.', async () => {
    await page.setViewportSize(DESKTOP)
    await button('Keep Pro').click()
    await card('Current plan').getByText(/^Renews on/).waitFor()
    await button('Cancel plan').waitFor()
  })

  /** Asserts that the page shows a change without being loaded again. */
  async function whileOpen(change) {
    await page.evaluate(() => (window.isFirstLoad = true))
    await change()
    assert.ok(await page.evaluate(() => window.isFirstLoad), 'the page was loaded again')
  }

  await story.step('new-month', 'A month passes. The page shows it by itself: the period, the invoice, the calls.', async () => {
    await whileOpen(async () => {
      const renewal = card('Current plan').getByText(/^Renews on/)
      const before = await renewal.textContent()
      await control('POST', 'advance', { days: 31 })
      await renewal.filter({ hasNotText: before }).waitFor()
      await page.getByRole('row').filter({ hasText: '$20.00' }).nth(1).getByText('Paid', { exact: true }).waitFor()
      await page.getByText(words(1500, 1500)).waitFor()
    })
  })

  await story.step('payment-failed', 'The next payment fails, also when it is retried. The page says so by itself.', async () => {
    await whileOpen(async () => {
      await control('POST', 'fail-next-payment', { customer: person.id, times: 4 })
      await control('POST', 'advance', { days: 45 })
      await card('Current plan').locator('.badge.bad').getByText('Past due', { exact: true }).waitFor()
      await card('Current plan').getByRole('alert').getByText('Your payment for Pro failed. $20.00 is due.').waitFor()
    })
    assert.equal(await page.getByText('Renews on').count(), 0)
    await assertAccessible(page)
  })

  await story.step('card-updated', 'They update the card as the page asks, and the next payment makes Pro active again.', async () => {
    await leaveForHostedPage('Update card')
    const hearsOfChanges = page.waitForResponse(`${app}/events`)
    await button('Save card').click()
    await returnToApp('Card saved')
    await hearsOfChanges
    await card('Current plan').getByText('Past due', { exact: true }).waitFor()
    await watcher.quiet()
    await whileOpen(async () => {
      await control('POST', 'advance', { days: 31 })
      await card('Current plan').getByText('Active', { exact: true }).waitFor()
      await card('Current plan').getByText(/^Renews on/).waitFor()
    })
  })

  await story.step('signed-out', 'They sign out, and the public prices are back.', async () => {
    await button('Sign out').click()
    await heading('Sign in').waitFor()
    await plan('Pro').getByText('$20.00').waitFor()
    assert.equal(await page.getByText(person.name).count(), 0)
    assert.equal(await heading('Your account').count(), 0)
    assert.equal(await page.getByText('Card saved').count(), 0)
  })
}

/** The text above the bar. */
function words(left, granted) {
  return `${left.toLocaleString('en-US')} of ${granted.toLocaleString('en-US')} calls left`
}
