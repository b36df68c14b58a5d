import { expect, it } from 'vitest'
import { lintText } from './lint.ts'

// Put together here: the linter reads this file, too.
const refused = ['who', 'ever'].join('')

async function found(file: string, text: string): Promise<string[]> {
  return (await lintText(file, text)).map((problem) => problem.slice(0, problem.indexOf(' ')))
}

it('reads comments of TypeScript, and not its strings', async () => {
  const text = `/**\n * One.\n *\n * For ${refused} waits.\n */\nconst a = '${refused}' // ${refused}\nconst b = \`\${a} // ${refused}\`\nconst c = /'/ // ${refused}\n`
  expect(await found('a.ts', text)).toEqual(['a.ts:4:8', 'a.ts:6:24', 'a.ts:8:18'])
})

it('finds a phrase that is broken over two lines', async () => {
  expect(await found('a.ts', '// These are not for\n// ever kept.\n')).toEqual(['a.ts:1:18'])
})

it('reads texts of four words and more, also around the values of a template', async () => {
  expect(
    await found('a.ts', `throw new Error('The request of ${refused} asks')\nlog.warn(\`\${a} is refused for ${refused} \${b}\`, 'for ${refused}')\n`),
  ).toEqual(['a.ts:1:33', 'a.ts:2:31'])
})

it('reads titles of tests, descriptions of fields and messages of errors', async () => {
  expect(await found('a.test.ts', `it('S1: ${refused} asks', () => {})\nit.each([1])('${refused} %s', () => {})\n`)).toEqual([
    'a.test.ts:1:9',
    'a.test.ts:2:15',
  ])
  expect(await found('a.ts', `z.string().describe('For ${refused}.')\n`)).toEqual(['a.ts:1:26'])
  expect(await found('model/playerErrors.ts', `export const catalogue = { A: { message: '${refused}' } }\n`)).toEqual(['model/playerErrors.ts:1:43'])
})

it.each(['lua', 'sql'])('reads comments of %s', async (language) => {
  expect(await found(`a.${language}`, `local a = 1 -- ${refused}\n-- ${refused}\n`)).toEqual([`a.${language}:1:16`, `a.${language}:2:4`])
})

it('reads comments of YAML', async () => {
  expect(await found('a.yaml', `name: "#${refused}"\n# ${refused}\n`)).toEqual(['a.yaml:2:3'])
})

it('reads pages without their code', async () => {
  expect(await found('a.md', `# For ${refused}\n\n\`${refused}\`\n\n| ${refused} |\n| --- |\n\n\`\`\`sh\n${refused}\n\`\`\`\n`)).toEqual([
    'a.md:1:7',
    'a.md:5:3',
  ])
})

it('refuses a sentence of more than 45 words, and takes two shorter ones', async () => {
  const words = (count: number): string => Array.from({ length: count }, () => 'word').join(' ')
  expect(await found('a.md', `${words(46)}.\n`)).toEqual(['a.md:1:1'])
  expect(await found('a.md', `${words(40)}. Then ${words(40)}.\n`)).toEqual([])
})

it('refuses references that lead out of the repository', async () => {
  expect(await found('a.ts', `// See ${['DESIGN', '§4'].join(' ')}, and ${['notes', 'moves.md'].join('/')}.\n`)).toEqual(['a.ts:1:8', 'a.ts:1:23'])
})
