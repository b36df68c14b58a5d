import { z } from 'zod'
import type { Logger } from '../log.ts'
import { setTracer } from './trace.ts'

/** Settings of every process. */
export const tracingSettings = {
  /** Address of an OTLP/HTTP collector, such as `http://collector:4318`. Without it no traces are made. The other standard variables (`OTEL_EXPORTER_OTLP_HEADERS`, `…_TIMEOUT`) count, too. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** Share of the traces that are recorded, 0 to 1. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
}
type TracingSettings = z.output<z.ZodObject<typeof tracingSettings>>

/** Begins to make traces, when a collector is set. The SDK is loaded only then. */
export async function startTracing(service: string, environment: TracingSettings, log: Pick<Logger, 'info'>): Promise<AsyncDisposable> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: share } = environment
  if (endpoint === undefined) return { [Symbol.asyncDispose]: async () => undefined }
  const { OpenTelemetry } = await import('./openTelemetry.ts')
  const tracer = new OpenTelemetry({ service, share })
  setTracer(tracer)
  log.info({ endpoint, share }, 'exporting traces')
  return {
    async [Symbol.asyncDispose]() {
      setTracer(undefined)
      await tracer[Symbol.asyncDispose]()
    },
  }
}
