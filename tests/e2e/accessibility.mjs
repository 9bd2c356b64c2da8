// Checks a page with axe-core, in light and in dark colors.

import assert from 'node:assert/strict'
import axe from 'axe-core'

const REFUSED = ['serious', 'critical']
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** Asserts that the page as it is now has no serious or critical findings, in these color schemes. */
export async function assertAccessible(page, colorSchemes = ['dark', 'light']) {
  for (const colorScheme of colorSchemes) {
    await page.emulateMedia({ colorScheme })
    const found = await findings(page)
    assert.deepEqual(found, [], `${page.url()} in ${colorScheme} colors:\n${found.join('\n')}`)
  }
}

async function findings(page) {
  // Run by the browser's debugger, which no content security policy of the page holds up.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const rules = { type: 'tag', values: RULES }
  const { violations } = await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), rules)
  return violations
    .filter(({ impact }) => REFUSED.includes(impact))
    .map(({ impact, id, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
}
