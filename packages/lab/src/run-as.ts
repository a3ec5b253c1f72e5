import { spawnSync } from 'node:child_process'

/** An unprivileged user to run a program as. */
export type RunAs = { uid: number; gid: number }

/**
 * Who runs the database: PostgreSQL refuses to run as root, so root lends it to a user that is there
 * already. Nothing is added to the machine. Null when this process is not root.
 * @throws Error when root finds neither a `postgres` nor a `nobody`
 */
export function unprivilegedUser(): RunAs | null {
  if (process.getuid?.() !== 0) return null
  for (const name of ['postgres', 'nobody']) {
    const uid = numberOf(spawnSync('id', ['-u', name], { encoding: 'utf8' }).stdout)
    const gid = numberOf(spawnSync('id', ['-g', name], { encoding: 'utf8' }).stdout)
    if (uid !== null && gid !== null && uid !== 0) return { uid, gid }
  }
  throw new Error(
    'PostgreSQL does not run as root, and this machine has no user "postgres" or "nobody" to run it as. ' +
      'Run the command as an ordinary user.',
  )
}

/** True when the user can start the program: every folder above it is open to that user. */
export function mayExecute(program: string, user: RunAs): boolean {
  return spawnSync(program, ['--version'], { ...user, stdio: 'ignore' }).status === 0
}

function numberOf(text: string | null): number | null {
  return text !== null && /^\d+\s*$/.test(text) ? Number(text) : null
}
