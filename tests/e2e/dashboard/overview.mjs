// The first page of the dashboard: what the app did appears by itself.

import assert from 'node:assert/strict'

const HOSTILE = `<script>document.title="taken over"</script>"'> مرحبا ${'x'.repeat(200)}`

export async function overview({ story, page, user }) {
  const customers = user.part('Customers')

  await story.step('empty', 'An unused sandbox says that there is nothing yet.', async () => {
    await user.open('/')
    await customers.getByText('No customer yet.').waitFor()
    await user.part('Invoices').getByText('No invoice yet.').waitFor()
    await page.getByText('Live.').waitFor()
  })

  await story.step('bought', 'What the app did appears without a reload: plan, balance, invoice, requests.', async () => {
    await user.buysPro('user_42', 'Ada Example')
    const ada = customers.getByRole('row').filter({ hasText: 'Ada Example' })
    await ada.getByText('Pro', { exact: true }).waitFor()
    await ada.getByText('1000').waitFor()
    await user.part('Invoices').getByText('$20.00').waitFor()
    await user.part('Recent requests').getByText('/api/v1/checkout-sessions').first().waitFor()
  })

  await story.step('a-month-later', 'A month later there is a second invoice.', async () => {
    await user.button('Advance a month').click()
    const paid = user.part('Invoices').getByText('$20.00')
    await paid.nth(1).waitFor()
    assert.equal(await paid.count(), 2)
  })

  await story.step('declined', 'A payment that is to fail leaves an open invoice behind.', async () => {
    await user.button('Fail next payment').click()
    await page.getByRole('status').getByText('The next payment will fail.').waitFor()
    await user.button('Advance a month').click()
    await user.part('Invoices').getByText('Open', { exact: true }).waitFor()
    await customers.getByText('Past due').first().waitFor()
  })

  await story.step('chosen-date', 'The time moves to a chosen date.', async () => {
    const before = await page.getByLabel('Date and time, UTC').inputValue()
    const year = Number(before.slice(0, 4)) + 1
    await page.getByText('To a date…').click()
    await page.getByLabel('Date and time, UTC').fill(`${year}-03-04T05:06`)
    await user.button('Advance to it').click()
    await page.getByText(`${year}-03-04 05:06 UTC`).waitFor()
  })

  await story.step('hostile', 'A hostile name is shown as text, and nothing of it runs.', async () => {
    await user.buysPro('user_43', HOSTILE)
    await customers.getByText('<script>', { exact: false }).first().waitFor()
    assert.doesNotMatch(await page.title(), /taken over/)
  })
}
