// Starts the machine's own Chromium and listens to everything that goes wrong in a page.

import { chromium } from 'playwright-core'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const DESKTOP = { width: 1280, height: 900 }
export const PHONE = { width: 390, height: 844 }

export async function openBrowser(executablePath) {
  return await chromium.launch({ executablePath, headless: true, args: FLAGS })
}

/** A page of a fresh profile. Locale and time zone are fixed, so that prices and dates read the same everywhere. */
export async function openPage(browser) {
  const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-US', timezoneId: 'UTC' })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  return page
}

/**
 * Collects console errors, uncaught exceptions, requests that failed, and answers with a status of 400 or more.
 * A refusal that belongs to the story is announced with `expectRefusal`, and then passes once.
 */
export function watch(page) {
  const problems = []
  const inFlight = new Set()
  const waiting = []
  const refusals = []

  page.on('console', (message) => {
    if (message.type() !== 'error') return
    const { url } = message.location()
    if (takeRefusal('console', (refusal) => refusal.url === url && message.text().includes(`status of ${refusal.status}`))) return
    problems.push(`console error: ${message.text()} (${url})`)
  })
  page.on('pageerror', (error) => problems.push(`uncaught in the page: ${error.stack ?? error}`))
  page.on('request', (request) => inFlight.add(request))
  page.on('requestfinished', settle)
  page.on('requestfailed', (request) => {
    problems.push(`request failed: ${request.method()} ${request.url()}: ${request.failure()?.errorText}`)
    settle(request)
  })
  page.on('response', (response) => {
    const [status, url] = [response.status(), response.url()]
    if (status < 400) return
    const isDocument = response.request().isNavigationRequest()
    if (isDocument && takeRefusal('response', (refusal) => refusal.url === url && refusal.status === status)) return
    problems.push(`status ${status}: ${response.request().method()} ${url}`)
  })

  function settle(request) {
    inFlight.delete(request)
    if (inFlight.size === 0) waiting.splice(0).forEach((resolve) => resolve())
  }

  /** Chromium reports one refused document twice: as the answer, and as a line on the console. */
  function takeRefusal(channel, matches) {
    const index = refusals.findIndex((refusal) => refusal.channel === channel && matches(refusal))
    if (index === -1) return false
    refusals.splice(index, 1)
    return true
  }

  return {
    problems,
    expectRefusal(url, status) {
      refusals.push({ channel: 'response', url, status }, { channel: 'console', url, status })
    },
    /** Resolves when no request is under way. */
    async quiet() {
      if (inFlight.size > 0) await new Promise((resolve) => waiting.push(resolve))
    },
    requestsInFlight: () => [...inFlight].map((request) => `${request.method()} ${request.url()}`),
  }
}

/** What a person can read on the page right now. */
export async function visibleText(page) {
  return await page.evaluate(() => document.body.innerText)
}
