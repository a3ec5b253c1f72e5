import { configure } from '@testing-library/react'

// Nothing that a test waits for comes within the usual second on a busy machine for certain.
configure({ asyncUtilTimeout: 30_000 })
