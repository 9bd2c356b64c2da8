/** The server's error for one wrong field, as a hook's function resolves with it. */
export function invalid(field, problem) {
  const message = `${field} ${problem}.`
  const issues = [{ path: [field], message: problem }]
  return { resolved: { error: { code: 'validation_error', message, json: { message, error: message, issues } } } }
}
