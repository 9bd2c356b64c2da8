// The other parts of the dashboard: search, one customer, requests, webhooks and faults.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { once } from 'node:events'

export async function parts({ story, page, user }) {
  await story.step('search', 'Customers are searched by name, with the keyboard alone.', async () => {
    await user.open('/dashboard/customers')
    await user.skipToContent()
    await user.tabTo(page.getByLabel('Name, email or id'))
    await page.keyboard.type('ada ex')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Found', exact: true }).waitFor()
    const rows = user.part('Found').getByRole('row')
    await rows.nth(1).waitFor()
    assert.equal(await rows.count(), 2, 'the head and one customer')
    await page.locator('main:focus').waitFor()
    await user.tabTo(user.link('Ada Example'))
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Ada Example', exact: true }).waitFor()
  })

  await story.step('one-customer', 'Buttons change only this customer.', async () => {
    await user.newCustomer('user_44', 'Grace Example')
    await user.open(await user.customerPath('user_44'))
    await page.getByText('Grant credits…').click()
    await page.getByLabel('Amount').fill('250')
    await user.button('Grant').click()
    await user.part('Subscriptions').getByText('350', { exact: true }).waitFor()
    await user.button('Fail the next payment').click()
    await page.getByRole('status').getByText('The next payment of this customer will fail.').waitFor()
  })

  await story.step('a-plan-ends', 'A plan is canceled, kept and ended.', async () => {
    await user.buysPro('user_45', 'Barbara Example')
    await user.open(await user.customerPath('user_45'))
    await user.button('Cancel at the end of the period').click()
    await user.button('Keep').click()
    await user.button('Cancel now').click()
    await user.part('Subscriptions').getByText('Canceled', { exact: true }).first().waitFor()
    await user.part('Events').getByText('subscription.canceled').first().waitFor()
  })

  await story.step('requests', 'A request is found by its path, and has both bodies without the key.', async () => {
    await user.open('/dashboard/requests')
    await page.getByLabel('Method or path').fill('POST /api/v1/customers')
    await user.button('Filter').click()
    await user.part('Requests to the API').getByRole('link').first().click()
    await user.part('Response').first().waitFor()
    const text = await page.locator('main').innerText()
    assert.match(text, /"externalId": "user_45"/)
    assert.match(text, /sk_test_…/)
    assert.doesNotMatch(text, /sk_test_\w/)
  })

  await story.step('webhooks', 'A delivery shows its body, and is delivered anew.', async () => {
    const received = []
    const receiver = createServer((request, response) => {
      received.push(request.headers['svix-id'])
      response.end('ok')
    })
    receiver.listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    try {
      await user.registerWebhook(`http://127.0.0.1:${receiver.address().port}/hook`)
      await user.newCustomer('user_46', 'Edsger Example')
      await user.open('/dashboard/webhooks')
      await user.part('Deliveries').getByText('Delivered', { exact: true }).waitFor()
      await user.link('customer.created').click()
      await page.getByText('"externalId": "user_46"').waitFor()
      await user.button('Deliver it anew').click()
      await user.part('Attempts').getByRole('heading', { level: 3 }).nth(1).waitFor()
      assert.equal(received.length, 2)
      assert.equal(received[0], received[1])
    } finally {
      receiver.close()
      receiver.closeAllConnections()
    }
  })

  await story.step('faults', 'A fault is planned with a form, and removed.', async () => {
    await user.open('/dashboard/faults')
    await page.getByLabel('Path, or any; * at its end').fill('/api/v1/customers*')
    await user.button('Plan it for requests').click()
    await user.part('For the next requests').getByText('"status":503').waitFor()
    await user.part('For the next requests').getByRole('button', { name: 'Remove all' }).click()
    await page.getByText('"status":503').waitFor({ state: 'detached' })
    await user.button('Down').click()
    await page.getByRole('heading', { name: 'The whole API Down' }).waitFor()
    await user.button('Up').click()
    await page.getByRole('heading', { name: 'The whole API Up' }).waitFor()
  })

  await story.step('writing', 'News do not disturb someone who writes.', async () => {
    const field = page.getByLabel('Name, email or id')
    await user.open('/dashboard/customers')
    await field.fill('half a wo')
    await user.newCustomer('user_47', 'Alan Example')
    await page.getByText('Live.').waitFor()
    assert.equal(await field.inputValue(), 'half a wo')
    await field.fill('')
    await field.blur()
    await user.link('Alan Example').waitFor()
  })

  await story.step('writing-begins', 'News that were on their way do not disturb either.', async () => {
    const field = page.getByLabel('Name, email or id')
    await user.open('/dashboard/customers')
    const isInBackground = (request) => request.resourceType() === 'fetch'
    const requested = page.waitForRequest(isInBackground)
    let letOn
    const isWritten = new Promise((resolve) => (letOn = resolve))
    await page.route('**/dashboard/customers', async (route) => {
      if (isInBackground(route.request())) await isWritten
      await route.continue()
    })
    const arrived = page.waitForEvent('requestfinished', isInBackground)
    await user.newCustomer('user_48', 'Annie Example')
    await requested
    await field.fill('half a wo')
    letOn()
    await arrived
    assert.equal(await field.inputValue(), 'half a wo')
    await page.unroute('**/dashboard/customers')
    await field.fill('')
    await field.blur()
    await user.link('Annie Example').waitFor()
  })

  await story.step('focus', 'News do not move the focus to another customer.', async () => {
    await user.open('/dashboard/customers')
    await user.link('Ada Example').focus()
    await user.newCustomer('user_49', 'Radia Example')
    await user.link('Radia Example').waitFor()
    assert.equal(await page.locator(':focus').innerText(), 'Ada Example')
  })
}
