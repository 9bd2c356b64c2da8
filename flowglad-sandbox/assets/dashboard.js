// Shows what is new without a reload: the server says that there is something, and this page is loaded in the background.
// What someone is writing stays as it is.

const main = () => document.querySelector('main[data-revision]')
const state = document.querySelector('[data-live-state]')
let loading = false
let again = false

let changes = null

document.addEventListener('visibilitychange', followWhileVisible)
followWhileVisible()
window.addEventListener('focusout', () => setTimeout(() => again && refresh()))

/** A browser has six connections to a server, and each stream takes one: hidden tabs must not keep others from loading. */
function followWhileVisible() {
  if (document.visibilityState === 'hidden') {
    changes?.close()
    changes = null
  } else {
    changes ??= follow()
  }
}

/** The first message is the revision of now, so a page that was hidden shows what it missed. */
function follow() {
  const stream = new EventSource('/dashboard/changes')
  stream.onopen = () => say('Live.')
  stream.onerror = () => say('The sandbox does not answer. Trying again…')
  stream.onmessage = ({ data }) => {
    if (data !== main().dataset.revision) refresh()
  }
  return stream
}

function say(text) {
  if (state.textContent !== text) state.textContent = text
}

async function refresh() {
  if (loading || isWriting()) {
    again = true
    return
  }
  again = false
  loading = true
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } })
    const loaded = new DOMParser().parseFromString(await response.text(), 'text/html')
    // What was shown may have been removed by a reset: then it stays until the user goes on.
    if (response.ok) showUnlessWriting(loaded)
  } catch {
    // The stream of changes says so itself, and comes back.
  } finally {
    loading = false
    if (again) refresh()
  }
}

/** Whether a field has the focus, or a value that the server did not send. */
function isWriting() {
  const fields = [...document.querySelectorAll('main input, main select, main textarea')]
  return fields.some(
    (field) =>
      field === document.activeElement ||
      (field.tagName === 'SELECT'
        ? [...field.options].some((option) => option.selected !== option.defaultSelected && field.selectedIndex > 0)
        : field.value !== field.defaultValue),
  )
}

/** Shows what was loaded. Someone may have begun to write while it was on its way; then it is loaded anew afterwards. */
function showUnlessWriting(loaded) {
  if (isWriting()) again = true
  else show(loaded)
}

function show(loaded) {
  const focused = focusedPlace()
  for (const part of document.querySelectorAll('[data-live]')) {
    const newer = loaded.querySelector(`[data-live="${part.dataset.live}"]`)
    if (!newer) continue
    for (const opened of part.querySelectorAll('details[id]')) {
      const same = newer.querySelector(`#${CSS.escape(opened.id)}`)
      if (same) same.open = opened.open
    }
    if (part.dataset.revision) part.dataset.revision = newer.dataset.revision
    if (!part.isEqualNode(newer)) part.replaceWith(document.adoptNode(newer))
  }
  if (focused && !focused.element.isConnected) focusAgain(focused)
}

/**
 * The element that has the focus, if it may be replaced, and how to find the one that takes its place. Its position on the
 * page would not do: a row that comes in above would move the focus to another customer.
 */
function focusedPlace() {
  const element = document.activeElement
  if (!element?.closest('[data-live]')) return null
  const [tag, meaning] = [element.tagName, meaningOf(element)]
  return { element, tag, meaning, index: alike(tag, meaning).indexOf(element) }
}

function focusAgain({ tag, meaning, index }) {
  const next = alike(tag, meaning)[index] ?? main()
  next.focus({ preventScroll: true })
}

function alike(tag, meaning) {
  return [...document.querySelectorAll(tag)].filter((element) => meaningOf(element) === meaning)
}

/** What the element is for: where it leads, or what it sends. */
function meaningOf({ id, href = '', form, textContent }) {
  return id || [href, form?.getAttribute('action') ?? '', textContent.trim()].join(' ')
}
