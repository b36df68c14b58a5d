import { expect, it } from 'vitest'
import { InputAnswer } from './inputAnswer.ts'

/** The steps from 1 to `steps` with a snapshot out of turn, when each second step is the client's turn. `changes`: steps with a changed input. */
function outOfTurn(steps: number, changes: (step: number) => boolean): number[] {
  const answer = new InputAnswer()
  const sent: number[] = []
  for (let step = 1; step <= steps; step++) {
    if (changes(step)) answer.note()
    if (step % 2 === 0) answer.sent()
    else if (answer.due(step)) {
      sent.push(step)
      answer.sent()
    }
  }
  return sent
}

it('a changed input is answered with the step that applied it, and an equal one at the next turn', () => {
  expect(outOfTurn(20, (step) => step === 7 || step === 12)).toEqual([7])
  expect(outOfTurn(20, () => false)).toEqual([])
})

it('a client whose input changes at each step gets each fourth step in addition', () => {
  expect(outOfTurn(17, () => true)).toEqual([1, 5, 9, 13, 17])
})
