import { FlowgladProvider } from '@flowglad/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import './styles.css'
import './billing.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root element')

// Without a `baseURL`, the hooks send requests to `/api/flowglad` on the server of this page.
createRoot(root).render(
  <StrictMode>
    <FlowgladProvider>
      <App />
    </FlowgladProvider>
  </StrictMode>,
)
