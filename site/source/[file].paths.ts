import { linkedSources, repository, sourceName, sourcePage } from '../links.ts'

/** A page for each file that pages link to. With the repository's address known, links lead there, and none is made. */
export default {
  paths: () => (repository === undefined ? linkedSources().map((path) => ({ params: { file: sourceName(path), path }, content: sourcePage(path) })) : []),
}
