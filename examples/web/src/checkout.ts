import type { Billing } from './pricing'

/** How a visit to the hosted checkout page ended. The outcome is a query parameter of this page's URL. */
export const outcomes = {
  paid: 'Payment received. Thank you!',
  card_saved: 'Card saved.',
  cancelled: 'Checkout was cancelled. Nothing was charged.',
} as const

export type Outcome = keyof typeof outcomes

/** The URLs to which the hosted page redirects the customer. */
export function returnUrls(outcome: Outcome) {
  const back = (flag: Outcome) => `${window.location.origin}/?checkout=${flag}`
  return { successUrl: back(outcome), cancelUrl: back('cancelled') }
}

/** The outcome in this page's URL, if the customer has just returned from the hosted page. */
export function readOutcome(): Outcome | null {
  const flag = new URLSearchParams(window.location.search).get('checkout')
  return flag !== null && Object.hasOwn(outcomes, flag) ? (flag as Outcome) : null
}

/** The hooks resolve instead of rejecting if the server refuses. Throws an error with the server's message then. */
export function throwIfRefused(answer: Awaited<ReturnType<Billing['createCheckoutSession']>>): void {
  if (!('error' in answer)) return
  const { message } = answer.error.json
  throw new Error(typeof message === 'string' ? message : answer.error.code)
}
