import type { MapName } from '../../model/ids.ts'

/** The policies as people write them. Adapters: files of a folder, MapPolicy objects. */
export interface PolicyTexts {
  /** The YAML document of a map; undefined: the map has no policy. */
  read(map: MapName): Promise<string | undefined>
  /** Replaces the document, or adds it. `before`: what `read` returned. Throws POLICY_CHANGED when somebody else changed it meanwhile. */
  write(map: MapName, text: string, before: string | undefined): Promise<void>
}
