// Several tabs of the dashboard. A browser has six connections to a server, for all of them together.

const CONNECTIONS = 6

export async function tabs({ story, page, user }) {
  await story.step('tabs', 'Tabs in the background keep no other from loading, and show what they missed.', async () => {
    const hidden = []
    try {
      for (let count = 0; count < CONNECTIONS; count++) {
        const tab = await page.context().newPage()
        hidden.push(tab)
        await tab.goto(`${user.sandbox}/`)
        await tab.getByText('Live.').waitFor()
        await setVisibility(tab, 'hidden')
      }
      await user.open('/')
      await user.newCustomer('user_51', 'Frances Example')
      await user.part('Customers').getByText('Frances Example').waitFor()
      await setVisibility(hidden[0], 'visible')
      await hidden[0].getByText('Frances Example').waitFor()
    } finally {
      await Promise.all(hidden.map((tab) => tab.close()))
    }
  })
}

/** Without a window no tab is ever in the background, so this does what the browser does when another one is chosen. */
async function setVisibility(tab, visibility) {
  await tab.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: state })
    document.dispatchEvent(new Event('visibilitychange'))
  }, visibility)
}
