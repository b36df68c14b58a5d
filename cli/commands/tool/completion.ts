import { RootCommand } from '@bomb.sh/tab'
import { Argument, type Command } from 'commander'
import { bashScript } from '../../completion/bashScript.ts'
import { namesFor } from '../../completion/names.ts'
import { suggestionsOf } from '../../completion/suggestions.ts'
import type { CliContext } from '../../context.ts'

const shells = ['bash', 'zsh', 'fish'] as const

/**
 * `strata completion SHELL` prints the script of a shell; the script asks `strata complete -- WORDS…` at each Tab. For bash it is Strata's own: that of the library
 * needs another package, and breaks names with blanks.
 */
export function completionCommands(strata: Command, context: CliContext): void {
  strata
    .command('completion')
    .description('prints the script by which a shell completes commands, options and names')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText(
      'after',
      `\nNames of copies, servers, maps and players come from the running world.

Examples:
  source <(strata completion bash)                                   # ~/.bashrc
  strata completion zsh > "\${fpath[1]}/_strata"
  strata completion fish > ~/.config/fish/completions/strata.fish
kubectl completes "kubectl strata" when kubectl_complete-strata is on the PATH, as npm install puts it there.`,
    )
    .action((shell: (typeof shells)[number]) => {
      if (shell === 'bash') context.out.write(bashScript)
      else new RootCommand().setup('strata', 'strata', shell)
    })

  strata
    .command('complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (words: string[]) => {
      const typed = words[0] === '--' ? words.slice(1) : words
      suggestionsOf(strata, await namesFor(typed, strata, context)).parse([...typed])
    })
}
