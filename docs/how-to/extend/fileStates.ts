import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CharacterStates, StateVersion } from '../../../gameserver/index.ts'

const nameOf = ({ epoch, revision }: StateVersion): string => `${epoch}-${revision}.json`

function versionOf(name: string): StateVersion | undefined {
  const [, epoch, revision] = /^(\d+)-(\d+)\.json$/.exec(name) ?? []
  return epoch === undefined ? undefined : { epoch: Number(epoch), revision: Number(revision) }
}

const isBelow = (a: StateVersion, b: StateVersion): boolean => a.epoch < b.epoch || (a.epoch === b.epoch && a.revision < b.revision)

/** Keeps the states of characters as files, one folder for each character. All game servers need the same folder. */
export function fileStates(folder: string): CharacterStates {
  const folderOf = (character: string): string => join(folder, encodeURIComponent(character))
  return {
    async write(saves) {
      await Promise.all(
        saves.map(async ({ character, version, state }) => {
          const own = folderOf(character)
          await mkdir(own, { recursive: true })
          const path = join(own, nameOf(version))
          const file = await open(`${path}.new`, 'w')
          try {
            await file.writeFile(JSON.stringify(state ?? null))
            await file.sync()
          } finally {
            await file.close()
          }
          await rename(`${path}.new`, path)
        }),
      )
    },

    async load(character, version) {
      return JSON.parse(await readFile(join(folderOf(character), nameOf(version)), 'utf8'))
    },

    async forget(character, before, keep) {
      const own = folderOf(character)
      const kept = keep === undefined ? undefined : nameOf(keep)
      const old = (await readdir(own).catch(() => [])).filter((name) => {
        const version = versionOf(name)
        return version !== undefined && name !== kept && isBelow(version, before)
      })
      await Promise.all(old.map((name) => rm(join(own, name), { force: true })))
    },
  }
}
