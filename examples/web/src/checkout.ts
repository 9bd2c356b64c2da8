import type { Billing } from './pricing'

/** How a visit to the hosted checkout page ended; it comes back in this page's URL. */
export const outcomes = {
  paid: 'Payment received. Thank you!',
  card_saved: 'Card saved.',
  cancelled: 'Checkout was cancelled. Nothing was charged.',
} as const

export type Outcome = keyof typeof outcomes

/** Where the hosted page sends the customer back to. */
export function returnUrls(outcome: Outcome) {
  const back = (flag: Outcome) => `${window.location.origin}/?checkout=${flag}`
  return { successUrl: back(outcome), cancelUrl: back('cancelled') }
}

/** The outcome in this page's URL, if the customer has just come back. */
export function readOutcome(): Outcome | null {
  const flag = new URLSearchParams(window.location.search).get('checkout')
  return flag !== null && Object.hasOwn(outcomes, flag) ? (flag as Outcome) : null
}

/** The hooks resolve, not reject, when the server refuses: turn that into an error with the server's sentence. */
export function throwIfRefused(answer: Awaited<ReturnType<Billing['createCheckoutSession']>>): void {
  if (!('error' in answer)) return
  const { message } = answer.error.json
  throw new Error(typeof message === 'string' ? message : answer.error.code)
}
