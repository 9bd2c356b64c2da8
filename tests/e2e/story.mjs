// Runs one story in its own browser, against the example server at BASE_URL.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { openBrowser, openPage, watch } from './browser.mjs'
import { StepFailed, Story } from './steps.mjs'

const { BASE_URL, CHROMIUM = '/usr/bin/chromium', SCREENSHOTS = 'target/e2e' } = process.env

/** Runs the story to its end or to the first failed step, prints the result, and sets the exit code. */
export async function runStory(run) {
  if (!BASE_URL) {
    console.error('Set BASE_URL to the address of a running example server.')
    process.exit(2)
  }
  let browser
  let story
  try {
    browser = await openBrowser(CHROMIUM)
    const page = await openPage(browser)
    const watcher = watch(page)
    story = new Story(page, watcher, SCREENSHOTS)
    await run({ app: new URL(BASE_URL).origin, browser, page, watcher, story })
    assert.deepEqual(watcher.problems, [])
    console.log(`${story.passed} passed, 0 failed`)
  } catch (error) {
    if (!(error instanceof StepFailed)) console.log(`reason: ${error.stack ?? error}`)
    console.log(`${story?.passed ?? 0} passed, 1 failed`)
    process.exitCode = 1
  } finally {
    await browser?.close()
  }
}

/** A user that the server does not know yet. */
export function newPerson() {
  const id = `e2e-${randomUUID().slice(0, 8)}`
  return { id, name: 'Ada Example', email: `${id}@example.com` }
}
