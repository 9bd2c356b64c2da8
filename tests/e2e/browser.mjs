// Starts the installed Chromium and collects everything that goes wrong in a page.

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

/** Long enough for a machine that is busy with other tests. A page that shows something never does so later. */
const WAIT_TIMEOUT = 20_000

export const DESKTOP = { width: 1280, height: 900 }
export const PHONE = { width: 390, height: 844 }
/** The narrowest phone that the pages are made for. */
export const SMALL_PHONE = { width: 375, height: 667 }

export async function openBrowser(executablePath) {
  return await chromium.launch({ executablePath, headless: true, args: FLAGS })
}

/** A page in a new profile. Locale and time zone are fixed, so that prices and dates look the same everywhere. */
export async function openPage(browser) {
  const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-US', timezoneId: 'UTC' })
  const page = await context.newPage()
  page.setDefaultTimeout(WAIT_TIMEOUT)
  return page
}

/**
 * Collects console errors, uncaught exceptions, requests that failed, and responses with a status of 400 or more.
 * Expected ones are announced with `expectRefusal` and `expectLogged`: each must occur exactly as often as announced.
 */
export function watch(page) {
  const problems = []
  const inFlight = new Set()
  const expected = []
  const waiting = []

  page.on('console', (message) => {
    if (message.type() !== 'error') return
    const [text, { url }] = [message.text(), message.location()]
    if (!take('console', (line) => line.matches(text, url))) problems.push(`console error: ${text} (${url})`)
  })
  page.on('pageerror', (error) => problems.push(`uncaught in the page: ${error.stack ?? error}`))
  page.on('request', (request) => {
    if (!isStream(request)) inFlight.add(request)
  })
  page.on('requestfinished', settle)
  page.on('requestfailed', (request) => {
    if (endsWithItsPage(request) && request.failure()?.errorText === 'net::ERR_ABORTED') return settle(request)
    problems.push(`request failed: ${request.method()} ${request.url()}: ${request.failure()?.errorText}`)
    settle(request)
  })
  page.on('response', (response) => {
    const [status, url] = [response.status(), response.url()]
    if (status < 400 || take('answer', (answer) => answer.url === url && answer.status === status)) return
    problems.push(`status ${status}: ${response.request().method()} ${url}`)
  })

  function settle(request) {
    inFlight.delete(request)
    wakeIfQuiet()
  }

  function take(channel, matches) {
    const index = expected.findIndex((expectation) => expectation.channel === channel && matches(expectation))
    if (index === -1) return false
    expected.splice(index, 1)
    wakeIfQuiet()
    return true
  }

  function isQuiet() {
    return inFlight.size === 0 && expected.length === 0
  }

  function wakeIfQuiet() {
    if (isQuiet()) waiting.splice(0).forEach((resolve) => resolve())
  }

  return {
    problems,
    /** Chromium reports a refusal twice: as a response, and as a line on the console. */
    expectRefusal(url, status, times = 1) {
      const matches = (text, from) => from === url && text.includes(`status of ${status}`)
      const both = [
        { channel: 'answer', what: `status ${status}: ${url}`, url, status },
        { channel: 'console', what: `console error: status of ${status} (${url})`, matches },
      ]
      for (let time = 0; time < times; time++) expected.push(...both)
    },
    /** Expects a console error of the page's own code that begins with these words. */
    expectLogged(words) {
      const matches = (text) => text.startsWith(words)
      expected.push({ channel: 'console', what: `console error: ${words}`, matches })
    },
    /** Resolves when no request is pending and everything announced has occurred. */
    async quiet() {
      if (!isQuiet()) await new Promise((resolve) => waiting.push(resolve))
    },
    requestsInFlight: () => [...inFlight].map((request) => `${request.method()} ${request.url()}`),
    stillExpected: () => expected.map(({ what }) => what),
  }
}

/** A stream of server-sent events is open as long as its page, and ends with it. */
function isStream(request) {
  return request.resourceType() === 'eventsource'
}

/** Going on to another page aborts a stream, and the load of a page that shows news without a reload. */
function endsWithItsPage(request) {
  return isStream(request) || (request.resourceType() === 'fetch' && request.headers().accept === 'text/html')
}

/** The visible text of the page. */
export async function visibleText(page) {
  return await page.evaluate(() => document.body.innerText)
}
