/** Imports run one way; docs/explanation/design.md draws the arrows from the same table. */

/** What each house may import besides itself; `test`, `bench`, `checks` and `packages` may import everything. */
const may = require('./checks/houses.json')

const processes = ['orchestrator', 'matchmaker', 'gameserver']
const houses = [...Object.keys(may), 'test', 'bench', 'checks', 'packages']

/** Tests, and the shared set-ups in `testing/`, may import `test/` and start PostgreSQL and Redis (`local/services`). */
const tests = '(\\.test\\.ts$|/testing/|/fixtures?/|^test/)'
const demo = '^gameserver/demo/bots/'
const page = '^client/demo/'

const oneWay = Object.entries(may).map(([house, allowed]) => ({
  name: `${house}-imports-its-own-layer`,
  comment: `${house}/ may import ${['itself', ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^${house}/`, pathNot: [tests, demo, page] },
  to: { path: `^(${houses.filter((other) => other !== house && !allowed.includes(other)).join('|')})/` },
}))

module.exports = {
  forbidden: [
    ...oneWay,
    {
      name: 'bots-are-players',
      comment: 'bots use the public SDK as a player does: client and model (and service for log and settings)',
      severity: 'error',
      from: { path: demo, pathNot: [tests] },
      to: { path: `^(${houses.filter((house) => !['model', 'client', 'service', 'gameserver'].includes(house)).join('|')})/` },
    },
    {
      name: 'bots-leave-the-server-alone',
      comment: 'bots may import the demo’s map and rules, and nothing else of the game server',
      severity: 'error',
      from: { path: demo, pathNot: [tests] },
      to: { path: '^gameserver/', pathNot: '^gameserver/demo/' },
    },
    {
      name: 'demo-page-is-a-game',
      comment: 'the browser demo imports the public SDK and model as a studio’s game does, and the demo game’s maps and rules',
      severity: 'error',
      from: { path: page },
      to: { path: `^(${houses.filter((house) => house !== 'model').join('|')})/`, pathNot: [page, '^client/index\\.ts$', '^gameserver/demo/(?!bots/)'] },
    },
    {
      name: 'the-sdk-has-no-demo',
      comment: 'nothing of the SDK imports the demo page',
      severity: 'error',
      from: { pathNot: [page, tests] },
      to: { path: page },
    },
    ...processes.map((house) => ({
      name: `${house}-meets-others-in-the-directory`,
      comment: 'the three processes never import each other, not even in tests: they meet in the directory, the store and over HTTP',
      severity: 'error',
      from: { path: `^${house}/` },
      to: { path: `^(${processes.filter((other) => other !== house).join('|')})/` },
    })),
    {
      name: 'model-is-pure',
      comment: 'model/ does no I/O: no Node modules, and only the packages that parse, check and sign values',
      severity: 'error',
      from: { path: '^model/', pathNot: [tests] },
      to: { pathNot: '^(model|node_modules/(zod|yaml|jose|croner|unhomoglyph))/' },
    },
    {
      name: 'plan-and-score-are-pure',
      comment: 'pure functions over the census: the simulator runs the same code',
      severity: 'error',
      from: { path: '^(orchestrator/plan|score)/', pathNot: [tests] },
      to: { pathNot: '^(model|orchestrator/plan|score)/' },
    },
    { name: 'no-cycles', comment: 'in a cycle of imports there is no file to start reading at', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', comment: 'every import resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'tests-stay-outside',
      comment: 'shipped code does not import tests',
      severity: 'error',
      from: { pathNot: [tests, '^bench/'] },
      to: { path: tests },
    },
    {
      name: 'shipped-dependencies',
      comment: 'what runs in production is listed in "dependencies"',
      severity: 'error',
      from: { path: '^(model|score|directory|store|service|orchestrator|matchmaker|gameserver|client|simulate|cli|local)/', pathNot: [tests, page] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'], pathNot: '@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)\\.strata/|^packages/create-strata/template/|^test/packages/fixtures/|^(console|client/demo)/dist' },
    parser: 'tsc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
  },
}
