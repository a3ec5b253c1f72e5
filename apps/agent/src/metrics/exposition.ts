type Labels = Record<string, string>
type Sample = { suffix: string; labels: Labels; value: number }

/** Text in the Prometheus exposition format, version 0.0.4. Unknown values are left out. */
export class Exposition {
  #families = new Map<string, { type: string; help: string; samples: Sample[] }>()

  /** A value that goes up and down; null leaves it out. */
  gauge(name: string, help: string, labels: Labels, value: number | null): void {
    if (value !== null) this.#family(name, 'gauge', help).push({ suffix: '', labels, value })
  }

  /** A value that only goes up; its name ends in `_total`. */
  counter(name: string, help: string, labels: Labels, value: number): void {
    this.#family(name, 'counter', help).push({ suffix: '', labels, value })
  }

  /**
   * Durations in seconds.
   * @param bounds upper bounds, rising
   * @param counts one a bound and one above the highest, not cumulative
   */
  histogram(
    name: string,
    help: string,
    labels: Labels,
    bounds: readonly number[],
    counts: readonly number[],
    sum: number,
  ): void {
    const samples = this.#family(name, 'histogram', help)
    let total = 0
    counts.forEach((count, index) => {
      total += count
      const le = index < bounds.length ? String(bounds[index]) : '+Inf'
      samples.push({ suffix: '_bucket', labels: { ...labels, le }, value: total })
    })
    samples.push({ suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: total })
  }

  toString(): string {
    const lines: string[] = []
    for (const [name, { type, help, samples }] of this.#families) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
      for (const { suffix, labels, value } of samples) lines.push(`${name}${suffix}${text(labels)} ${value}`)
    }
    return `${lines.join('\n')}\n`
  }

  #family(name: string, type: string, help: string): Sample[] {
    let family = this.#families.get(name)
    if (family === undefined) {
      family = { type, help, samples: [] }
      this.#families.set(name, family)
    }
    return family.samples
  }
}

function text(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${quoted(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function quoted(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
