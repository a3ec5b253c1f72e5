/** Where secrets come from besides the configuration file itself. */
export type SecretReader = {
  env: Readonly<Record<string, string | undefined>>
  /** @throws Error when the file cannot be read */
  readFile: (path: string) => string
}

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

/** A text with its `${NAME}`s filled in, or the names that are not set. */
export type Expanded = { text: string } | { missing: string[] }

/**
 * Fills `${NAME}` from the environment. A text that is one variable and nothing else takes its value as it is;
 * `encode` is applied to values inside a longer text, so that a password in a URL may hold any character.
 */
export function expandVariables(
  text: string,
  env: SecretReader['env'],
  encode: (value: string) => string = (value) => value,
): Expanded {
  const names = [...text.matchAll(VARIABLE)].map((match) => match[1] as string)
  const missing = names.filter((name) => env[name] === undefined)
  if (missing.length > 0) return { missing }
  const filled = (name: string) => env[name] as string
  const [only] = names
  if (only !== undefined && text.trim() === `\${${only}}`) return { text: filled(only) }
  return { text: text.replace(VARIABLE, (_, name: string) => encode(filled(name))) }
}
