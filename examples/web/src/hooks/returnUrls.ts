/** The hosted checkout comes back to this page. */
export function returnUrls() {
  const page = `${window.location.origin}${window.location.pathname}`
  return { successUrl: page, cancelUrl: page }
}
