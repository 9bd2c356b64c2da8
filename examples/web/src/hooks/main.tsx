import { FlowgladProvider } from '@flowglad/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { HooksPage } from './HooksPage'
import '../styles.css'
import './hooks.css'

const root = document.getElementById('root')
if (!root) throw new Error('hooks.html has no #root element')

createRoot(root).render(
  <StrictMode>
    <FlowgladProvider>
      <HooksPage />
    </FlowgladProvider>
  </StrictMode>,
)
