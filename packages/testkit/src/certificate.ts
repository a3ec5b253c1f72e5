import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { unprivilegedUser } from '@poolscope/lab'

/** Files of a certificate that signed itself. */
export type Certificate = { certPath: string; keyPath: string }

/**
 * Makes one for 127.0.0.1 and localhost, in a folder of the user that is to read it.
 * @throws Error in the words of openssl
 */
export function makeCertificate(dir: string, runAs: ReturnType<typeof unprivilegedUser>): Certificate {
  const [certPath, keyPath] = [join(dir, 'cert.pem'), join(dir, 'key.pem')]
  const made = spawnSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ...['-keyout', keyPath, '-out', certPath],
    ],
    { encoding: 'utf8', ...runAs },
  )
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr || made.error}`)
  return { certPath, keyPath }
}
