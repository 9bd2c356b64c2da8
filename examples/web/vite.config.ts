import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The example server; `npm run dev` forwards all requests to it that are not part of this page. */
const server = 'http://127.0.0.1:3000'

export default defineConfig(({ mode }) => ({
  plugins: [react()],
  // `--mode hooks` builds the second page into the same folder, separately, so the first page's bundle stays unchanged.
  build: mode === 'hooks' ? { emptyOutDir: false, copyPublicDir: false, rolldownOptions: { input: 'hooks.html' } } : {},
  server: {
    proxy: {
      '/api': server,
      '/calls': server,
      '/events': server,
      '/login': server,
      '/logout': server,
      '/reports': server,
      '/session': server,
      '/usage': server,
    },
  },
}))
