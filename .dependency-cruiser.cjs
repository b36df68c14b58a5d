/** Imports go one way (DESIGN §2): model ← directory, store, service ← orchestrator | matchmaker | gameserver ← simulate, local, cli. */

const processes = ['orchestrator', 'matchmaker', 'gameserver']
const houses = ['model', 'directory', 'store', 'service', ...processes, 'client', 'simulate', 'cli', 'local', 'k8s', 'test', 'bench', 'checks']

/** What each house may import besides itself; `test`, `bench` and `checks` may import everything. */
const may = {
  model: [],
  directory: ['model'],
  store: ['model'],
  service: ['model'],
  client: ['model'],
  orchestrator: ['model', 'directory', 'store', 'service'],
  matchmaker: ['model', 'directory', 'store', 'service'],
  gameserver: ['model', 'directory', 'store', 'service'],
  simulate: ['model', 'directory', 'store', 'service', 'client', ...processes],
  cli: ['model', 'directory', 'store', 'service', 'client', ...processes],
  local: ['model', 'directory', 'store', 'service', ...processes],
  k8s: ['model'],
}

/** Tests, and the worlds in `testing/` that they share, may use `test/` and start the services (`local/services`). */
const tests = '(\\.test\\.ts$|/testing/|/fixtures?/|^test/)'
const demo = '^gameserver/demo/bots/'

const oneWay = Object.entries(may).map(([house, allowed]) => ({
  name: `${house}-imports-its-own-layer`,
  comment: `${house}/ may import ${['itself', ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^${house}/`, pathNot: [tests, demo] },
  to: { path: `^(${houses.filter((other) => other !== house && !allowed.includes(other)).join('|')})/` },
}))

module.exports = {
  forbidden: [
    ...oneWay,
    {
      name: 'bots-are-players',
      comment: 'bots know the game as a player does: client and model only (and service for their log and settings)',
      severity: 'error',
      from: { path: demo, pathNot: [tests] },
      to: { path: `^(${houses.filter((house) => !['model', 'client', 'service', 'gameserver'].includes(house)).join('|')})/` },
    },
    {
      name: 'bots-leave-the-server-alone',
      comment: 'bots may share the demo’s own map and rules, nothing else of the game server',
      severity: 'error',
      from: { path: demo, pathNot: [tests] },
      to: { path: '^gameserver/', pathNot: '^gameserver/demo/' },
    },
    ...processes.map((house) => ({
      name: `${house}-meets-others-in-the-directory`,
      comment: 'the processes never import each other, tests of one house neither',
      severity: 'error',
      from: { path: `^${house}/` },
      to: { path: `^(${processes.filter((other) => other !== house).join('|')})/` },
    })),
    {
      name: 'model-is-pure',
      comment: 'the domain does no I/O: nothing from Node, and of the packages only those that read and sign values',
      severity: 'error',
      from: { path: '^model/', pathNot: [tests] },
      to: { pathNot: '^(model|node_modules/(zod|yaml|jose))/' },
    },
    {
      name: 'plan-and-score-are-pure',
      comment: 'pure functions over the census: the simulator runs the very same ones',
      severity: 'error',
      from: { path: '^(orchestrator/plan|matchmaker/score)/', pathNot: [tests] },
      to: { pathNot: '^(model|orchestrator/plan|matchmaker/score)/' },
    },
    { name: 'no-cycles', comment: 'a cycle has no place where reading could start', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', comment: 'every import leads somewhere', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'tests-stay-outside',
      comment: 'shipped code never needs a test',
      severity: 'error',
      from: { pathNot: [tests, '^bench/'] },
      to: { path: tests },
    },
    {
      name: 'shipped-dependencies',
      comment: 'what runs in production stands in "dependencies"',
      severity: 'error',
      from: { path: '^(model|directory|store|service|orchestrator|matchmaker|gameserver|client|simulate|cli|local)/', pathNot: [tests] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'], pathNot: '@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)\\.strata/' },
    parser: 'tsc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'types', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
}
