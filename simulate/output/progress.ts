import type { WriteStream } from 'node:tty'

const WIDTH = 40

type Progress = Disposable & { show: (share: number) => void }

/** Shows a progress bar on a terminal. Writes nothing to a file or a pipe. */
export function progressBar(name: string, stream: WriteStream): Progress {
  const write = (text: string): void => {
    if (stream.isTTY) stream.write(text)
  }
  const show = eachPercent((percent, share) => {
    const full = Math.max(0, Math.min(WIDTH, Math.round(share * WIDTH)))
    write(`\r${name} ${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${percent} %`)
  })
  return { show, [Symbol.dispose]: () => write('\r\u001b[2K') }
}

/** Writes each percent as a line, for a program that reads them. */
export function progressLines(name: string, stream: NodeJS.WritableStream): Progress {
  return { show: eachPercent((percent) => void stream.write(`progress ${name} ${percent}\n`)), [Symbol.dispose]: () => undefined }
}

/** Passes a share on when its whole percent differs from the last one. */
function eachPercent(write: (percent: number, share: number) => void): (share: number) => void {
  let shown = -1
  return (share) => {
    const percent = Math.floor(share * 100)
    if (percent === shown) return
    shown = percent
    write(percent, share)
  }
}
