/** What a function resolves with that hands the page the server's whole error, of one wrong field. */
export function invalid(field, problem) {
  const message = `${field} ${problem}.`
  const issues = [{ path: [field], message: problem }]
  return { resolved: { error: { code: 'validation_error', message, json: { message, issues } } } }
}
