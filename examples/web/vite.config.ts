import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The example server; `npm run dev` hands it everything that is not part of this page. */
const server = 'http://127.0.0.1:3000'

export default defineConfig(({ mode }) => ({
  plugins: [react()],
  // `--mode hooks` adds the second page beside the first. Built apart, it takes nothing out of the first one's bundle.
  build: mode === 'hooks' ? { emptyOutDir: false, copyPublicDir: false, rolldownOptions: { input: 'hooks.html' } } : {},
  server: {
    proxy: {
      '/api': server,
      '/calls': server,
      '/login': server,
      '/logout': server,
      '/reports': server,
      '/session': server,
    },
  },
}))
