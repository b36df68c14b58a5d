import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { StrataError } from '../../model/errors.ts'
import type { MapName } from '../../model/ids.ts'
import type { PolicyTexts } from './policyTexts.ts'

interface Place {
  file: string
  /** All of the file. */
  text: string
  /** Offsets of the document in `text`. */
  start: number
  end: number
}

/** The policies in the files of a folder. A file may have several documents, also of other kinds. */
export function policyFiles(folder: string): PolicyTexts {
  return {
    async read(map) {
      const place = await placeOf(folder, map)
      return place?.text.slice(place.start, place.end)
    },
    async write(map, text, before) {
      const place = await placeOf(folder, map)
      if (place?.text.slice(place.start, place.end) !== before) throw new StrataError('POLICY_CHANGED', { map })
      const file = place?.file ?? join(folder, `${map}.yaml`)
      const document = text.endsWith('\n') ? text : `${text}\n`
      const whole = place === undefined ? document : `${place.text.slice(0, place.start)}${document}${place.text.slice(place.end)}`
      // Renamed, so that nobody reads half of it.
      const aside = `${file}.${process.pid}.new`
      await writeFile(aside, whole).catch(unwritable(file))
      await rename(aside, file).catch(unwritable(file))
    },
  }
}

async function placeOf(folder: string, map: MapName): Promise<Place | undefined> {
  for (const name of (await readdir(folder)).filter((one) => /\.ya?ml$/.test(one)).sort()) {
    const file = join(folder, name)
    const text = await readFile(file, 'utf8')
    let start = 0
    for (const document of parseAllDocuments(text, { logLevel: 'silent', prettyErrors: false })) {
      const end = document.range[2]
      // The line that separates two documents belongs to neither.
      start += /^\s*---[^\n]*\n/.exec(text.slice(start, end))?.[0].length ?? 0
      if (document.get('kind') === 'MapPolicy' && document.getIn(['metadata', 'name']) === map) return { file, text, start, end }
      start = end
    }
  }
  return undefined
}

function unwritable(file: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new StrataError('FILE_UNWRITABLE', { file, problem: error.code ?? error.message }, { cause: error })
  }
}
