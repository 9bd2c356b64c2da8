// Runs the steps of a story one after the other, and stops at the first that fails.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { visibleText } from './browser.mjs'

/** For a step of several waits. A single one has its own limit, which says what was waited for. */
const STEP_TIMEOUT = 45_000

export class Story {
  #page
  #watcher
  #screenshots
  passed = 0

  constructor(page, watcher, screenshots) {
    this.#page = page
    this.#watcher = watcher
    this.#screenshots = screenshots
  }

  /** Runs one step. The sentence says what the user does and then sees; `name` names the screenshot. */
  async step(name, sentence, act) {
    const number = this.passed + 1
    try {
      await withinTimeLimit(async () => {
        await act()
        await this.#watcher.quiet()
      })
      if (this.#watcher.problems.length > 0) throw new Error(this.#watcher.problems.join('\n'))
      await this.#screenshot(number, name)
    } catch (error) {
      await this.#explain(number, name, sentence, error)
      throw new StepFailed(sentence)
    }
    this.passed = number
    console.log(`ok ${number} ${sentence}`)
  }

  /** Takes one more picture of the page as it is, in other colors. */
  async photograph(name, colorScheme) {
    await this.#page.emulateMedia({ colorScheme })
    await this.#screenshot(this.passed + 1, `${name}-${colorScheme}`)
    await this.#page.emulateMedia({ colorScheme: null })
  }

  async #explain(number, name, sentence, error) {
    console.log(`not ok ${number} ${sentence}`)
    console.log(`\nreason: ${stripVTControlCharacters(error.message)}`)
    for (const problem of this.#watcher.problems) {
      if (!error.message.includes(problem)) console.log(`also: ${problem}`)
    }
    for (const request of this.#watcher.requestsInFlight()) console.log(`still waiting for: ${request}`)
    for (const expectation of this.#watcher.stillExpected()) console.log(`expected, but did not come: ${expectation}`)
    console.log(`\npage: ${this.#page.url()}`)
    const text = await visibleText(this.#page).catch((cause) => `(cannot be read: ${cause.message})`)
    console.log(text.replace(/^/gm, '  | '))
    const file = await this.#screenshot(number, `${name}-failed`).catch((cause) => `none: ${cause.message}`)
    console.log(`\nscreenshot: ${file}\n`)
  }

  /** Takes a screenshot within a step. */
  async screenshot(name, colorScheme) {
    await this.#page.emulateMedia({ colorScheme })
    await this.#screenshot(this.passed + 1, name)
  }

  async #screenshot(number, name) {
    await mkdir(this.#screenshots, { recursive: true })
    const path = join(this.#screenshots, `${String(number).padStart(2, '0')}-${name}.png`)
    await this.#page.screenshot({ path, fullPage: true, animations: 'disabled' })
    return path
  }
}

/** The error of a step whose failure was already printed. */
export class StepFailed extends Error {}

async function withinTimeLimit(act) {
  let timer
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${STEP_TIMEOUT / 1000} s`)), STEP_TIMEOUT)
  })
  try {
    await Promise.race([act(), limit])
  } finally {
    clearTimeout(timer)
  }
}
