import type { Session } from './session'

export function Header({ session, onSignOut }: { session?: Session; onSignOut: () => void }) {
  const user = session?.user
  return (
    <header>
      <a className="brand" href="/">
        <img src="/favicon.svg" alt="" width="28" height="28" />
        Starter
      </a>
      <nav aria-label="Main">
        <a href="/#plans">Plans</a>
        {/* A page of the server's own, open only to plans with the feature `export_csv`. */}
        {user && <a href="/reports">Reports</a>}
      </nav>
      {user && (
        <div className="who">
          <span>{user.name || user.email || user.id}</span>
          {/* A provider's session ends where it began. */}
          {session?.auth === 'demo' && (
            <button type="button" className="quiet" onClick={onSignOut}>
              Sign out
            </button>
          )}
        </div>
      )}
    </header>
  )
}
