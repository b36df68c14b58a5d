/**
 * Replaces the lines between the two marks of a section that is generated, in a page whose rest is written by hand. `source` names the files that the text is made from.
 * Throws when the page lacks the marks.
 */
export function replaceSection(page: string, { name, source }: { name: string; source: string }, text: string): string {
  const [begin, end] = [`<!-- ${name}: made by npm run generate from ${source}; do not edit -->`, `<!-- end of ${name} -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the page needs the lines "${begin}" and "${end}"`)
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`
}
