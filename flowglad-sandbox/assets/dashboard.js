// Shows what is new without a reload: the server says that there is something, and this page is loaded in the background.
// What someone is writing stays as it is.

const main = () => document.querySelector('main[data-revision]')
const state = document.querySelector('[data-live-state]')
let loading = false
let again = false

const changes = new EventSource('/dashboard/changes')
changes.onopen = () => say('Live.')
changes.onerror = () => say('The sandbox does not answer. Trying again…')
changes.onmessage = ({ data }) => {
  if (data !== main().dataset.revision) refresh()
}
window.addEventListener('focusout', () => setTimeout(() => again && refresh()))

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
    // What was shown may have been removed by a reset: then it stays until the user goes on.
    if (response.ok && !isWriting()) show(new DOMParser().parseFromString(await response.text(), 'text/html'))
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

function show(loaded) {
  const focused = focusedPlace()
  for (const part of document.querySelectorAll('[data-live]')) {
    const newer = loaded.querySelector(`[data-live="${part.dataset.live}"]`)
    if (!newer) continue
    for (const opened of part.querySelectorAll('details[id]')) {
      const same = newer.querySelector(`#${CSS.escape(opened.id)}`)
      if (same) same.open = opened.open
    }
    part.replaceWith(document.adoptNode(newer))
  }
  if (focused) document.querySelectorAll(focused.kind)[focused.index]?.focus({ preventScroll: true })
}

/** Where the focus is inside a part that is replaced, as a kind of element and its place among those. */
function focusedPlace() {
  const { activeElement } = document
  if (!activeElement?.closest('[data-live]')) return null
  const kind = activeElement.tagName.toLowerCase()
  return { kind, index: [...document.querySelectorAll(kind)].indexOf(activeElement) }
}
