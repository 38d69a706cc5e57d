import type { Histogram } from './histogram.ts'

export type Labels = Record<string, string>
export type Sample = [labels: Labels, value: number]

/** Writes the Prometheus text format, version 0.0.4 (prometheus.io, Exposition formats). */
export class PrometheusText {
  #text = ''

  /** @param name ends with the unit in plural and `_total`, as the naming rules require */
  counter(name: string, help: string, samples: number | readonly Sample[]): this {
    return this.#metric(name, 'counter', help, samples)
  }

  gauge(name: string, help: string, samples: number | readonly Sample[]): this {
    return this.#metric(name, 'gauge', help, samples)
  }

  histogram(name: string, help: string, { bounds, counts, sum }: Histogram): this {
    this.#head(name, 'histogram', help)
    let total = 0
    for (const [i, count] of counts.entries()) {
      total += count
      this.#line(`${name}_bucket`, { le: String(bounds[i] ?? '+Inf') }, total)
    }
    this.#line(`${name}_sum`, {}, sum)
    this.#line(`${name}_count`, {}, total)
    return this
  }

  toString(): string {
    return this.#text
  }

  #metric(name: string, type: string, help: string, samples: number | readonly Sample[]): this {
    this.#head(name, type, help)
    if (typeof samples === 'number') this.#line(name, {}, samples)
    else for (const [labels, value] of samples) this.#line(name, labels, value)
    return this
  }

  #head(name: string, type: string, help: string): void {
    this.#text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
  }

  #line(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
    this.#text += `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`
  }
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
