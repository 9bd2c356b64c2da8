// Every page of the sandbox: on a phone and on a desktop, in light and dark colors, and as axe-core finds it.

import assert from 'node:assert/strict'
import { assertAccessible } from '../accessibility.mjs'
import { DESKTOP } from '../browser.mjs'

const SMALL_PHONE = { width: 375, height: 812 }

export async function everyPage({ story, page, user }) {
  const checkout = new URL(await user.checkout('user_44')).pathname
  const [delivery] = await user.api('/_sandbox/webhooks/deliveries')
  const portal = await user.portalPath('user_50')
  const pages = {
    overview: '/',
    customers: '/dashboard/customers',
    customer: await user.customerPath('user_50'),
    catalog: '/dashboard/catalog',
    webhooks: '/dashboard/webhooks',
    delivery: `/dashboard/webhooks/${delivery.webhookId}/deliveries/${delivery.id}`,
    requests: '/dashboard/requests',
    request: '/dashboard/requests/0',
    faults: '/dashboard/faults',
    'customer-checkout': checkout,
    'customer-declined': `${checkout}?declined`,
    'customer-authentication': `${checkout}/authentication`,
    'customer-portal': portal,
    'customer-sign-in': portal.split('/').slice(0, 3).join('/'),
  }
  for (const [name, path] of Object.entries(pages)) {
    await story.step(`look-${name}`, `${path.split('?')[0]} fits a phone, and axe-core finds nothing serious.`, async () => {
      await page.setViewportSize(SMALL_PHONE)
      await user.open(path)
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.ok(width <= SMALL_PHONE.width, `the page is ${width} wide`)
      await assertAccessible(page, ['dark'])
      await story.photograph(`look-${name}-phone`, 'light')
      await story.photograph(`look-${name}-phone`, 'dark')
      await page.setViewportSize(DESKTOP)
      await assertAccessible(page, ['light'])
      await story.photograph(`look-${name}-desktop`, 'dark')
    })
  }
}
