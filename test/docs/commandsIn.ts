/** A command of a tutorial, and the heading that it stands below. */
export interface TutorialCommand {
  heading: string
  text: string
}

/** The commands in the `sh` blocks of a page: continued lines joined, comments at their end removed. */
export function commandsIn(page: string): TutorialCommand[] {
  const commands: TutorialCommand[] = []
  let [heading, within, text] = ['', false, '']
  for (const line of page.split('\n')) {
    if (!within && line.startsWith('## ')) heading = line.slice(3)
    if (line.startsWith('```')) within = line === '```sh'
    else if (within && line.trim() !== '' && !line.startsWith('#')) {
      text += line.replace(/\s{2,}# .*$/, '')
      if (text.endsWith('\\')) text = `${text.slice(0, -1).trimEnd()} `
      else {
        commands.push({ heading, text })
        text = ''
      }
    }
  }
  return commands
}
