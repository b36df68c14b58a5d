/** The trace that code runs in, as W3C Trace Context writes it: `00-TRACE-SPAN-FLAGS` (https://www.w3.org/TR/trace-context/). */
export type TraceParent = string

export interface SpanOptions {
  /** What caused it; by default the span that the code runs in. Text that is no trace context counts as absent. */
  parent?: TraceParent | undefined
  attributes?: Record<string, string | number> | undefined
}

/** A span that is running. */
export interface OpenSpan {
  /** For what this span causes elsewhere: in a ticket, in a move order. */
  readonly traceParent: TraceParent
  /** `failure`: the error that it ended with. */
  end(result?: { failure?: unknown; attributes?: Record<string, string | number> }): void
}

/** The port of the tracer. The only adapter is `openTelemetry.ts`, which loads the SDK. */
export interface Tracer {
  start(name: string, options: SpanOptions): OpenSpan
  /** Runs code in this span: spans that it starts are children, and its log lines have the trace. */
  within<T>(span: OpenSpan, code: () => T): T
  current(): { traceId: string; spanId: string; traceParent: TraceParent } | undefined
}

/** One for the process, as in OpenTelemetry: log lines and spans find their trace wherever they are written. Undefined: traces are off, and cost one comparison. */
let tracer: Tracer | undefined

export function setTracer(adapter: Tracer | undefined): void {
  tracer = adapter
}

/** Runs code in a span that ends with it. Without a tracer it only runs the code. */
export async function traced<T>(name: string, options: SpanOptions, code: () => Promise<T>): Promise<T> {
  if (tracer === undefined) return code()
  const span = tracer.start(name, options)
  try {
    const result = await tracer.within(span, code)
    span.end()
    return result
  } catch (error) {
    span.end({ failure: error })
    throw error
  }
}

/** A span that ends later, elsewhere in the code. Undefined while traces are off. */
export function startSpan(name: string, options: SpanOptions): OpenSpan | undefined {
  return tracer?.start(name, options)
}

/** Runs code in a span that goes on afterwards. */
export function within<T>(span: OpenSpan | undefined, code: () => T): T {
  return tracer === undefined || span === undefined ? code() : tracer.within(span, code)
}

/** The trace that the caller runs in, to hand on. Undefined outside a trace. */
export function currentTrace(): TraceParent | undefined {
  return tracer?.current()?.traceParent
}

/** Fields of a log line that is written within a trace. */
export function traceFields(): { trace_id?: string; span_id?: string } {
  const current = tracer?.current()
  return current === undefined ? {} : { trace_id: current.traceId, span_id: current.spanId }
}
