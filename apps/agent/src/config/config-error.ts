/** One thing that is wrong: which key, and what was expected there. Holds no value of a secret. */
export type ConfigProblem = { path: string; expected: string }

/** The configuration is wrong; lists everything that is. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super(problems.map(({ path, expected }) => `${path}: ${expected}`).join('\n'), options)
    this.problems = problems
  }
}
