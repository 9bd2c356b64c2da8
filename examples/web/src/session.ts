/** The signed-in user, as the example server returns it. */
export type User = { id: string; name: string; email: string }

/** Requests the signed-in user from the server. `null`: no user is signed in. */
export async function readSession(): Promise<User | null> {
  const response = await fetch('/session', { headers: { Accept: 'application/json' } })
  if (!response.ok) throw new Error(await readError(response))
  const { user } = (await response.json()) as { user: User | null }
  return user
}

export async function signIn(user: User): Promise<void> {
  await postJson('/login', user)
}

export async function signOut(): Promise<void> {
  await postJson('/logout', {})
}

/** Posts to one of the example's own routes. Throws the server's message if it refuses. */
export async function postJson(path: string, body: unknown): Promise<void> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(await readError(response))
}

async function readError(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: unknown }
    if (typeof error === 'string') return error
  } catch {
    // The body is not JSON, so the status is shown below.
  }
  return `The server answered ${response.status}. Please try again.`
}
