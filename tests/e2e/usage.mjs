// The page that reads the balance again when the usage of its calls was delivered.

/**
 * Resolves when a page that has made calls has read the balance and then asked for the last time whether usage is pending.
 * Leaving the page earlier cuts off a request. Set it up before the usage can arrive.
 */
export async function usageIsRead(page, app, timeout) {
  let balanceIsRead = false
  const isLast = (url) => {
    if (url === `${app}/api/flowglad/usage-meters/balances`) balanceIsRead = true
    return balanceIsRead && url === `${app}/usage/status`
  }
  await page.waitForResponse((response) => isLast(response.url()), { timeout })
}
