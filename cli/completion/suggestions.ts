import { type Command as CompletedCommand, RootCommand } from '@bomb.sh/tab'
import type { Command } from 'commander'

/** The names to offer for the argument or option that is being typed. */
export interface Names {
  /** Key: the words of the command, then the name of the argument or `--option`. */
  of(command: string, argument: string): readonly string[]
}

/** The program in the form of the completion library. */
export function suggestionsOf(strata: Command, names: Names): RootCommand {
  const root = new RootCommand()
  describe(strata, root, '', names)
  const add = (parent: Command, words: string): void => {
    for (const command of parent.createHelp().visibleCommands(parent)) {
      if (command.name() === 'help') continue
      const path = words === '' ? command.name() : `${words} ${command.name()}`
      describe(command, root.command(path, command.description()), path, names)
      add(command, path)
    }
  }
  add(strata, '')
  return root
}

function describe(command: Command, completed: CompletedCommand, path: string, names: Names): void {
  for (const option of command.createHelp().visibleOptions(command)) {
    const long = option.long?.slice(2)
    if (long === undefined) continue
    const short = option.short?.slice(1)
    const known = option.argChoices ?? names.of(path, `--${long}`)
    if (option.required || option.optional) completed.option(long, option.description, (complete) => known.forEach((name) => void complete(name, '')), short)
    else completed.option(long, option.description, short)
  }
  for (const argument of command.registeredArguments) {
    const known = argument.argChoices ?? names.of(path, argument.name())
    completed.argument(argument.name(), (complete) => known.forEach((name) => void complete(name, '')), argument.variadic)
  }
}
