import { enter } from '../../matchmaker/flows/enter.ts'
import { leaveLine, pollLine } from '../../matchmaker/flows/pollLine.ts'
import { Promotions } from '../../matchmaker/queue/promotions.ts'
import { StrataError } from '../../model/errors.ts'
import { PROTOCOL_VERSION } from '../../model/server.ts'
import { policyOf } from '../world/maps.ts'
import { type Connections, startMatchmaker } from '../world/matchmaker.ts'
import type { Answer, Question } from './messages.ts'

/** One matchmaker of the storm. It is a separate process, so that it can be killed. Argument: `Settings` as JSON. */
export interface Settings extends Connections {
  map: string
  spec: Record<string, unknown>
}

if (import.meta.main) {
  const settings = JSON.parse(process.argv[2] ?? '') as Settings // matchmakers.ts writes it
  const { map, spec } = settings
  const stack = new AsyncDisposableStack()
  const { parts } = await startMatchmaker(stack, settings, new Map([[map, policyOf(map, spec)]]))
  stack.use(new Promotions(parts))
  process.on('message', (question: Question) => {
    const reply = (answer: Answer): void => void process.send?.({ id: question.id, answer })
    answerTo(question).then(reply, (error: unknown) =>
      reply(error instanceof StrataError ? { error: error.code, retryable: error.row.retryable } : { error: String(error), retryable: false }),
    )
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.('ready')

  const answerTo = async (question: Question): Promise<Answer> => {
    const { call, character } = question
    switch (call) {
      case 'enter':
        return enter(parts, character, { map, protocol: PROTOCOL_VERSION, wholeParty: question.wholeParty, rankIn: () => 0 })
      case 'poll': {
        const answer = await pollLine(parts, character, question.ticket, { waitMs: question.waitMs, signal: new AbortController().signal })
        if ('move' in answer) throw new Error('the storm orders no travel')
        return answer
      }
      case 'leave':
        await leaveLine(parts, character, question.ticket)
        return { left: true }
    }
  }
}
