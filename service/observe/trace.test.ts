import { afterEach, describe, expect, it } from 'vitest'
import { StrataError } from '../../model/errors.ts'
import { OpenTelemetry } from './openTelemetry.ts'
import { currentTrace, type OpenSpan, type SpanOptions, setTracer, startSpan, type Tracer, traced, traceFields } from './trace.ts'

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

afterEach(() => setTracer(undefined))

it('without a tracer, code runs without a trace, and errors pass', async () => {
  expect(await traced('one', { parent }, async () => [currentTrace(), traceFields()])).toEqual([undefined, {}])
  await expect(traced('one', {}, () => Promise.reject(new StrataError('NO_SERVER')))).rejects.toMatchObject({ code: 'NO_SERVER' })
  expect(startSpan('one', {})).toBeUndefined()
})

it('a span ends with its code, with the error that the code threw', async () => {
  const ended: unknown[] = []
  const tracer: Tracer = {
    start: (name: string, options: SpanOptions): OpenSpan => ({ traceParent: options.parent ?? '', end: (result) => void ended.push([name, result?.failure]) }),
    within: (_span, code) => code(),
    current: () => undefined,
  }
  setTracer(tracer)
  await traced('well', {}, async () => 1)
  const error = new StrataError('NO_SERVER')
  await expect(traced('badly', {}, () => Promise.reject(error))).rejects.toBe(error)
  expect(ended).toEqual([
    ['well', undefined],
    ['badly', error],
  ])
})

describe('OpenTelemetry', () => {
  it('goes on with a valid trace context, and begins a new trace at any other text', async () => {
    // Nothing is exported: no span is recorded.
    await using tracer = new OpenTelemetry({ service: 'test', share: 0 })
    setTracer(tracer)
    const idOf = (given: string): string => tracer.start('one', { parent: given }).traceParent.slice(3, 35)
    expect(idOf(parent)).toBe(parent.slice(3, 35))
    for (const garbage of [
      '',
      'x',
      `${parent}0`,
      parent.toUpperCase(),
      parent.replace('0af7651916cd43dd8448eb211c80319c', '0'.repeat(32)),
      '00-__proto__-x-01',
    ])
      expect(idOf(garbage)).not.toBe(parent.slice(3, 35))
  })

  it('code within a span sees its trace, also after a wait, and log lines get its id', async () => {
    await using tracer = new OpenTelemetry({ service: 'test', share: 0 })
    setTracer(tracer)
    const inside = await traced('one', { parent }, async () => {
      await Promise.resolve()
      return { trace: currentTrace(), fields: traceFields() }
    })
    expect(inside.trace?.slice(3, 35)).toBe(parent.slice(3, 35))
    expect(inside.fields.trace_id).toBe(parent.slice(3, 35))
    expect(currentTrace()).toBeUndefined()
  })
})
