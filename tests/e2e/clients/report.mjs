// Runs test steps one after the other and prints the result of each. After a failure the remaining steps still run.

const TIME_LIMIT = 10_000

export class Report {
  #held = []
  #failed = []

  /** Runs one step, named by a sentence. Returns the result of `act`, or nothing if it failed. */
  async step(sentence, act) {
    try {
      const result = await withinTimeLimit(act)
      this.#held.push(sentence)
      console.log(`ok     ${sentence}`)
      return result
    } catch (error) {
      this.#failed.push(sentence)
      console.log(`FAILED ${sentence}\n${String(error?.stack ?? error).replace(/^/gm, '       ')}`)
      return undefined
    }
  }

  /** Prints the summary, and returns the exit code. */
  conclude() {
    console.log(`\n${this.#held.length} held, ${this.#failed.length} failed`)
    for (const sentence of this.#failed) console.log(`failed: ${sentence}`)
    return this.#failed.length > 0 ? 1 : 0
  }
}

async function withinTimeLimit(act) {
  let timer
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${TIME_LIMIT / 1000} s`)), TIME_LIMIT)
  })
  try {
    return await Promise.race([act(), limit])
  } finally {
    clearTimeout(timer)
  }
}
