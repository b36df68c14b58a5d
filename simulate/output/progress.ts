import type { WriteStream } from 'node:tty'

const WIDTH = 40

/** Shows a progress bar on a terminal. Writes nothing to a file or a pipe. */
export function progressBar(name: string, stream: WriteStream): Disposable & { show: (share: number) => void } {
  const write = (text: string): void => {
    if (stream.isTTY) stream.write(text)
  }
  let shown = -1
  return {
    show(share) {
      const percent = Math.floor(share * 100)
      if (percent === shown) return
      shown = percent
      const full = Math.max(0, Math.min(WIDTH, Math.round(share * WIDTH)))
      write(`\r${name} ${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${percent} %`)
    },
    [Symbol.dispose]: () => write('\r\u001b[2K'),
  }
}

/** Writes each percent as a line, for a program that reads them. */
export function progressLines(name: string, stream: NodeJS.WritableStream): Disposable & { show: (share: number) => void } {
  let shown = -1
  return {
    show(share) {
      const percent = Math.floor(share * 100)
      if (percent === shown) return
      shown = percent
      stream.write(`progress ${name} ${percent}\n`)
    },
    [Symbol.dispose]: () => undefined,
  }
}
