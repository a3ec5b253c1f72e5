import { createServer } from 'node:net'
import { StartError } from './command.ts'

/**
 * Makes sure that an address can be listened on, before anything slow is begun. Port 0 always can.
 * @throws StartError in one line that says what to do
 */
export async function checkPort(host: string, port: number): Promise<void> {
  if (port === 0) return
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, exclusive: true }, resolve)
    })
  } catch (error) {
    throw listenError(error, host, port)
  }
  await new Promise((resolve) => server.close(resolve))
}

/** What an error of listening means; anything else comes back as it is. */
export function listenError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const message = typeof code === 'string' ? messageOf(code, host, port) : null
  return message === null ? error : new StartError(message, { cause: error })
}

function messageOf(code: string, host: string, port: number): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use. Stop the other program, or choose another with --port N.`
    case 'EACCES':
      return `Port ${port} on ${host} may not be used by this user. Choose one above 1023 with --port N.`
    case 'EADDRNOTAVAIL':
      return `${host} is not an address of this machine. Choose another with --host H.`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host name ${host} cannot be resolved. Choose another with --host H.`
    default:
      return null
  }
}
