/** Return URLs that lead from the hosted checkout to this page. */
export function returnUrls() {
  const page = `${window.location.origin}${window.location.pathname}`
  return { successUrl: page, cancelUrl: page }
}
