// Runs sentences one after the other and tells how each went; one that fails does not keep the others from running.

const TIME_LIMIT = 10_000

export class Report {
  #held = []
  #failed = []

  /** One sentence, and what shows that it holds. Gives what `act` gives, or nothing if it did not hold. */
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

  /** Tells what came of it all, and gives the exit code. */
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
