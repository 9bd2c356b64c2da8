// The sandbox's dashboard in a real browser: it shows an app's calls, its buttons work, and hostile names stay text.
//
//   BASE_URL=http://127.0.0.1:4010 SCREENSHOTS=target/e2e node tests/e2e/dashboard.mjs

import assert from 'node:assert/strict'
import { PHONE } from './browser.mjs'
import { runStory } from './story.mjs'

const KEY = process.env.FLOWGLAD_SECRET_KEY ?? 'sk_test_sandbox'
const HOSTILE = `<script>document.title="taken over"</script>"'> مرحبا ${'x'.repeat(200)}`

await runStory(dashboard)

async function dashboard({ app: sandbox, page, story }) {
  const part = (name) => page.getByRole('region', { name, exact: true })
  const button = (name) => page.getByRole('button', { name, exact: true })

  /** Sends a request to the API, as an app does. */
  async function api(path, body) {
    const answer = await fetch(`${sandbox}${path}`, {
      method: 'POST',
      headers: { authorization: KEY, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.equal(answer.status, 200, await answer.clone().text())
    return await answer.json()
  }

  async function buysPro(externalId, name) {
    await api('/api/v1/customers', { customer: { externalId, name, email: `${externalId}@example.com` } })
    const home = 'https://app.example.com/'
    const session = { type: 'product', customerExternalId: externalId, priceSlug: 'pro_monthly', successUrl: home, cancelUrl: home }
    const { checkoutSession } = await api('/api/v1/checkout-sessions', { checkoutSession: session })
    await api(`/_sandbox/checkout-sessions/${checkoutSession.id}/complete`, {})
  }

  await story.step('empty', 'An unused sandbox says that there is nothing yet.', async () => {
    await page.goto(sandbox)
    await part('Customers').getByText('No customer yet.').waitFor()
    await part('Invoices').getByText('No invoice yet.').waitFor()
  })

  await story.step('bought', 'What the app did is there: plan, balance, invoice, requests.', async () => {
    await buysPro('user_42', 'Ada Example')
    await page.getByRole('link', { name: 'Refresh' }).click()
    const ada = part('Customers').getByRole('row').filter({ hasText: 'Ada Example' })
    await ada.getByText('Pro', { exact: false }).first().waitFor()
    await ada.getByText('1000').waitFor()
    await part('Invoices').getByText('$20.00').waitFor()
    await part('Recent requests').getByText('/api/v1/checkout-sessions').first().waitFor()
  })

  await story.step('a-month-later', 'A month later there is a second invoice.', async () => {
    await button('Advance a month').click()
    await part('Invoices').getByRole('row').nth(2).waitFor()
    assert.equal(await part('Invoices').getByText('$20.00').count(), 2)
  })

  await story.step('declined', 'A payment that is to fail leaves an open invoice behind.', async () => {
    await button('Fail next payment').click()
    await page.getByRole('status').getByText('The next payment will fail.').waitFor()
    await button('Advance a month').click()
    await part('Invoices').getByText('open', { exact: true }).waitFor()
    await part('Customers').getByText('past due').or(part('Customers').getByText('past_due')).first().waitFor()
  })

  await story.step('hostile', 'A hostile name is shown as text, and nothing of it runs.', async () => {
    await buysPro('user_43', HOSTILE)
    await page.reload()
    await part('Customers').getByText('<script>', { exact: false }).first().waitFor()
    assert.doesNotMatch(await page.title(), /taken over/)
  })

  await story.step('phone', 'It fits a phone.', async () => {
    await page.setViewportSize(PHONE)
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    assert.ok(width <= PHONE.width, `the page is ${width} wide`)
  })

  await story.step('reset', 'Reset removes all customers.', async () => {
    await page.getByText('Reset…').click()
    await button('Forget everything').click()
    await part('Customers').getByText('No customer yet.').waitFor()
  })
}
