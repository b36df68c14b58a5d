import { hostname } from 'node:os'
import { type Context, context, isSpanContextValid, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace'
import { StrataError } from '../../model/errors.ts'
import type { OpenSpan, SpanOptions, TraceParent, Tracer } from './trace.ts'

export interface OpenTelemetryOptions {
  service: string
  /** Share of the traces that are recorded, 0 to 1. Every process decides by the trace's id, so that a trace is complete or absent. */
  share: number
}

/**
 * Exports spans over OTLP/HTTP; the exporter reads address and headers from the standard variables (`OTEL_EXPORTER_OTLP_…`). Registers itself with OpenTelemetry's API, so that
 * spans of the game's own code join the traces.
 */
export class OpenTelemetry implements Tracer, AsyncDisposable {
  readonly #provider: TracerProvider
  readonly #spans = new WeakMap<OpenSpan, Span>()

  constructor({ service, share }: OpenTelemetryOptions) {
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({
        'service.name': `strata-${service}`,
        'service.instance.id': `${hostname()}-${process.pid}`,
        'service.namespace': 'strata',
      }),
      sampler: new TraceIdRatioBasedSampler(share),
      spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
    })
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    trace.setGlobalTracerProvider(this.#provider)
  }

  start(name: string, { parent, attributes = {} }: SpanOptions): OpenSpan {
    const span = this.#provider.getTracer('strata').startSpan(name, { attributes }, parent === undefined ? context.active() : contextOf(parent))
    const open: OpenSpan = {
      traceParent: traceParentOf(span),
      end({ failure, attributes: more = {} } = {}) {
        span.setAttributes(more)
        if (failure !== undefined) {
          span.setAttribute('error.type', failure instanceof StrataError ? failure.code : 'INTERNAL')
          span.setStatus({ code: SpanStatusCode.ERROR, message: failure instanceof Error ? failure.message : String(failure) })
        }
        span.end()
      },
    }
    this.#spans.set(open, span)
    return open
  }

  within<T>(open: OpenSpan, code: () => T): T {
    const span = this.#spans.get(open)
    return span === undefined ? code() : context.with(trace.setSpan(context.active(), span), code)
  }

  current(): { traceId: string; spanId: string; traceParent: TraceParent } | undefined {
    const span = trace.getSpan(context.active())
    if (span === undefined) return undefined
    const { traceId, spanId } = span.spanContext()
    return { traceId, spanId, traceParent: traceParentOf(span) }
  }

  /** Sends what is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#provider.shutdown()
    trace.disable()
    context.disable()
  }
}

function traceParentOf(span: Span): TraceParent {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

/** A client may send anything: text that is no trace context begins a new trace. */
function contextOf(parent: TraceParent): Context {
  const [, traceId = '', spanId = '', flags = '0'] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(parent) ?? []
  const remote = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return isSpanContextValid(remote) ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT
}
