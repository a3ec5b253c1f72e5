import '../styles/tokens.css'
import '../styles/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { EmbedCard } from './EmbedCard.tsx'
import { takeGrant } from './grant.ts'

const root = document.getElementById('root')
const groupId = decodeURIComponent(location.pathname.split('/').at(-1) ?? '')
const token = takeGrant()

if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <EmbedCard groupId={groupId} token={token} />
    </StrictMode>,
  )
}
