import { humanReadableCurrencyAmount } from '@flowglad/react'
import type { Price } from './pricing'

/** "$20.00" for 2000 of the currency's smallest unit. */
export function formatMoney(amount: number, currency: Price['currency']): string {
  return humanReadableCurrencyAmount(currency, amount)
}

/** "Feb 1, 2027" for epoch milliseconds. */
export function formatDate(time: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(time)
}

/** "per month", "every 3 months", or "one time". */
export function describeInterval(price: {
  type: Price['type']
  intervalUnit?: string | null
  intervalCount?: number | null
}): string {
  if (price.type !== 'subscription') return 'one time'
  if (price.intervalCount === 1) return `per ${price.intervalUnit}`
  return `every ${price.intervalCount} ${price.intervalUnit}s`
}

/** "Past due" for `past_due`. It also works for statuses that this page does not know. */
export function describeStatus(status: string): string {
  return capitalize(status.replaceAll('_', ' '))
}

export function capitalize(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
