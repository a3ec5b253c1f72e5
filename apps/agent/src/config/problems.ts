import { ConfigError, type ConfigProblem } from './config-error.ts'
import { expandVariables, type SecretReader } from './secret-reader.ts'
import { suggest } from './suggest.ts'

/** Collects what is wrong while a configuration is read, so that one run names all of it. */
export class Problems {
  readonly #found: ConfigProblem[] = []

  /** Adds one. @param expected what should have been there; never the value itself */
  add(path: string, expected: string): void {
    this.#found.push({ path, expected })
  }

  /** True when something is wrong with a key, or with its file or variable. */
  concern(key: string): boolean {
    return this.#found.some(({ path }) => path.toLowerCase().includes(key.toLowerCase()))
  }

  /** @throws ConfigError when something was added */
  throwIfAny(): void {
    if (this.#found.length > 0) throw new ConfigError(this.#found)
  }

  /** A map with none but the known keys; anything else is a problem, and reads as empty. */
  object<Key extends string>(
    value: unknown,
    path: string,
    keys: readonly Key[],
  ): Partial<Record<Key, unknown>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.add(path, `expected a map with the keys ${keys.join(', ')}`)
      return {}
    }
    for (const key of Object.keys(value)) {
      if ((keys as readonly string[]).includes(key)) continue
      const meant = suggest(key, keys)
      const where = path === 'config file' ? key : `${path}.${key}`
      this.add(
        where,
        meant === null
          ? `unknown key; expected one of ${keys.join(', ')}`
          : `unknown key; did you mean ${meant}?`,
      )
    }
    return value as Partial<Record<Key, unknown>>
  }

  /** A list of texts, each as `read` makes it; null from `read` is a problem. */
  list(value: unknown, path: string, read: (text: string) => string | null, what: string): string[] {
    if (value === undefined) return []
    if (!Array.isArray(value)) {
      this.add(path, `expected a list, each ${what}`)
      return []
    }
    return value.flatMap((item: unknown, index) => {
      const result = typeof item === 'string' ? read(item) : null
      if (result === null) this.add(`${path}[${index}]`, `expected ${what}`)
      return result === null ? [] : [result]
    })
  }

  /** A secret that is given as text (with `${NAME}`s) or as the path of a file; null without either. */
  secret(
    text: { value: unknown; path: string },
    file: { value: unknown; path: string },
    secrets: SecretReader,
  ): { value: string; path: string } | null {
    const inText = text.value !== undefined && text.value !== ''
    const inFile = file.value !== undefined && file.value !== ''
    if (inText && inFile) {
      this.add(text.path, `expected either it or ${file.path}, not both`)
      return null
    }
    if (inText) return this.#fromText(text, secrets)
    return inFile ? this.#fromFile(file, secrets) : null
  }

  /** A text with its variables filled in; null after adding a problem. */
  expanded(
    text: string,
    path: string,
    secrets: SecretReader,
    encode?: (value: string) => string,
  ): string | null {
    const result = expandVariables(text, secrets.env, encode)
    if ('text' in result) return result.text
    for (const name of result.missing)
      this.add(path, `expected the environment variable ${name}, which is not set`)
    return null
  }

  #fromText({ value, path }: { value: unknown; path: string }, secrets: SecretReader) {
    if (typeof value !== 'string') {
      this.add(path, 'expected a text; numbers need quotes')
      return null
    }
    const result = this.expanded(value, path, secrets)
    return result === null ? null : { value: result, path }
  }

  #fromFile({ value, path }: { value: unknown; path: string }, secrets: SecretReader) {
    if (typeof value !== 'string') {
      this.add(path, 'expected the path of a file')
      return null
    }
    try {
      // Editors and secret stores end a file with a line feed that is not part of the secret.
      return { value: secrets.readFile(value).replace(/\r?\n$/, ''), path }
    } catch {
      this.add(path, 'expected the path of a file that can be read')
      return null
    }
  }
}
