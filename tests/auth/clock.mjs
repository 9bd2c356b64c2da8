// The time of all vectors. Import it before the packages that read the time.

export const NOW = 1_767_268_800

const Real = Date
globalThis.Date = class extends Real {
  constructor(...parts) {
    parts.length === 0 ? super(NOW * 1000) : super(...parts)
  }
  static now() {
    return NOW * 1000
  }
}
