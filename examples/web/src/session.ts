/** The signed-in user, as the example server returns it. A provider may not say name and email. */
export type User = { id: string; name: string | null; email: string | null; organization?: string | null }

/** Who signs people in: the demo's form, or a provider. */
export type Auth = 'demo' | 'clerk' | 'supabase' | 'authjs' | 'better-auth'

/** `user: null`: no user is signed in. `customer`: who pays. */
export type Session = { user: User | null; auth: Auth; customer: 'user' | 'organization' }

export async function readSession(): Promise<Session> {
  const response = await fetch('/session', { headers: { Accept: 'application/json' } })
  if (!response.ok) throw new Error(await readError(response))
  return (await response.json()) as Session
}

export async function signIn(user: User): Promise<void> {
  await postJson('/login', user)
}

export async function signOut(): Promise<void> {
  await postJson('/logout', {})
}

/** Posts to one of the example's own routes. Throws the server's message if it refuses. */
export async function postJson(path: string, body: unknown): Promise<Response> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(await readError(response))
  return response
}

/** The message of a refusal. The example's own routes refuse in the same form as the actions of the hooks. */
export async function readError(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: { message?: unknown } }
    if (typeof error?.message === 'string') return error.message
  } catch {
    // The body is not JSON, so the status is shown below.
  }
  return `The server answered ${response.status}. Please try again.`
}
