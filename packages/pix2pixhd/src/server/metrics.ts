/** Figures of a running server in Prometheus' text format. Depends on nothing. */

const metrics = {
  connections: ['gauge', 'Pages connected now.'],
  refused_connections_total: ['counter', 'Connections turned away: limit, token or origin.'],
  messages_total: ['counter', 'Messages received.'],
  bad_messages_total: ['counter', 'Messages refused.'],
  images_total: ['counter', 'Images computed.'],
  failed_images_total: ['counter', 'Images that could not be computed.'],
  compute_seconds_total: ['counter', 'Seconds that computing images took.'],
  waiting: ['gauge', 'Images that wait for their turn.'],
  dropped_total: ['counter', 'Images that a later edit made needless before they were begun.'],
} as const;

/** The name of a figure, without the prefix `pix2pixhd_`. */
export type MetricName = keyof typeof metrics;

/** The figures of one server. */
export class ServerMetrics {
  readonly #values = new Map<MetricName, number>();

  add(name: MetricName, by = 1): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + by);
  }

  set(name: MetricName, value: number): void {
    this.#values.set(name, value);
  }

  get(name: MetricName): number {
    return this.#values.get(name) ?? 0;
  }

  /** All of them, as Prometheus reads them. */
  text(): string {
    return Object.entries(metrics)
      .map(([name, [kind, help]]) => {
        const full = `pix2pixhd_${name}`;
        return `# HELP ${full} ${help}\n# TYPE ${full} ${kind}\n${full} ${this.get(name as MetricName)}\n`;
      })
      .join('');
  }
}
