// Lists the methods of a client, and records which of them were called.

export class Driven {
  #called = new Set()

  /** Returns the same object, but every method called on it is recorded by name. */
  watch(object, prefix = '') {
    const called = this.#called
    return new Proxy(object, {
      get(target, name) {
        const value = target[name]
        if (typeof value !== 'function') return value
        return (...values) => {
          called.add(`${prefix}${String(name)}`)
          return value.apply(target, values)
        }
      },
    })
  }

  /** Asserts that every method was called or has a reason not to be, and that every reason belongs to a method. */
  assertComplete(names, reasons = {}) {
    const missing = names.filter((name) => !this.#called.has(name) && !(name in reasons))
    const idle = Object.keys(reasons).filter((name) => this.#called.has(name) || !names.includes(name))
    if (missing.length > 0) throw new Error(`never called: ${missing.join(', ')}`)
    if (idle.length > 0) throw new Error(`reasons that are none any more: ${idle.join(', ')}`)
    if (names.length === 0) throw new Error('reflection found no method at all')
  }
}

/** The names of an object's methods, including those of its class. */
export function methodsOf(object) {
  const names = new Set()
  for (let level = object; level && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level)) {
      if (name !== 'constructor' && typeof object[name] === 'function') names.add(name)
    }
  }
  return [...names].sort()
}
