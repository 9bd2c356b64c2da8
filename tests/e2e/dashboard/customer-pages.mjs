// The pages that a customer sees: checkout with a developer's tools, and the billing portal.

import assert from 'node:assert/strict'

export async function customerPages({ story, page, user }) {
  await user.newCustomer('user_50', 'Donald Example')

  await story.step('checkout-page', 'The checkout says what one gets and when it renews.', async () => {
    await page.goto(await user.checkout('user_50', `${user.sandbox}${await user.portalPath('user_50')}`))
    await page.getByText('CSV export').waitFor()
    await page.getByText(/^The plan renews on \w+ \d{1,2}, \d{4} for \$20\.00, and then until you cancel\.$/).waitFor()
  })

  await story.step('card-declined', 'A declined card buys nothing, and another one can pay.', async () => {
    await user.button('Decline this card').click()
    await page.getByRole('alert').getByText('Your card was declined.').waitFor()
    assert.deepEqual((await user.billing('user_50')).invoices, [])
  })

  await story.step('authentication', 'A bank that asks for authentication comes before the payment.', async () => {
    await user.link('Ask for authentication').click()
    await page.getByRole('heading', { name: 'Your bank asks you to confirm' }).waitFor()
    await user.button('Confirm the payment').click()
    await page.getByRole('heading', { name: 'Billing of Donald Example' }).waitFor()
  })

  await story.step('portal', 'The portal shows plan, card and invoice.', async () => {
    await user.part('Your plan').getByText('Active', { exact: true }).waitFor()
    await user.part('Cards').getByText('Visa ending 4242').waitFor()
    await user.part('Invoices').getByText('Paid', { exact: true }).waitFor()
  })

  await story.step('portal-cancel', 'The customer cancels, and keeps the plan after all.', async () => {
    await page.getByText('Cancel plan…').click()
    await user.button('Cancel Pro').click()
    await user.part('Your plan').getByText(/^Cancels on /).waitFor()
    await user.button('Keep Pro').click()
    await user.part('Your plan').getByText(/^Renews on /).waitFor()
  })

  await story.step('portal-past-due', 'After a failed payment the portal says so, and a card is added.', async () => {
    await user.api('/_sandbox/fail-next-payment', { customer: 'user_50' })
    await user.api('/_sandbox/advance-to-next-renewal', { customer: 'user_50' })
    await page.reload()
    await page.getByRole('alert').getByText('Your payment of $20.00 failed.').waitFor()
    await user.button('Add a card').click()
    await user.button('Save card').click()
    await user.part('Cards').getByText('Visa ending 4242').nth(1).waitFor()
  })

  await story.step('portal-sign-in', 'The address in the API asks for the email.', async () => {
    const { billingPortalUrl } = await user.billing('user_50')
    await page.goto(billingPortalUrl)
    await page.getByLabel('Email').fill('user_50@example.com')
    await user.button('Continue').click()
    await page.getByRole('heading', { name: 'Billing of Donald Example' }).waitFor()
  })
}
