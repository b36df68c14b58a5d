/** Commands of the pages that `commands.test.ts` does not run: the reason, and where they run otherwise. A row that fits no command fails the test. */
export interface NotRun {
  /** The page; without it, any page. */
  page?: string
  /** What the command begins with; without it, every command of the page. */
  begins?: string
  because: string
}

const cluster = 'needs a cluster: npm run test:cluster -- --node runs these commands on one, as the page has them'
const start = 'starts a whole world, as this test does by itself; test/e2e runs npm start with these options'

export const notRun: readonly NotRun[] = [
  { page: 'docs/tutorial/cluster.md', because: cluster },
  { page: 'docs/how-to/helm.md', because: cluster },
  { page: 'docs/how-to/release.md', begins: 'docker', because: 'needs Docker and a registry; npm run test:image builds the image' },
  { page: 'docs/how-to/drain-a-node.md', because: cluster },
  { page: 'docs/how-to/roll-out.md', because: cluster },
  { page: 'docs/how-to/rotate-keys.md', because: cluster },
  { page: 'docs/how-to/back-up.md', because: 'stops a world and restores its database; npm run test:restore takes these steps on processes' },
  { page: 'docs/how-to/runbook.md', because: cluster },
  { page: 'docs/how-to/moderation.md', begins: 'k8s/keys.sh', because: cluster },
  {
    page: 'docs/how-to/command-line.md',
    begins: 'npx strata config use-context staging',
    because: 'names a cluster; test/cli/contexts.test.ts changes contexts',
  },
  { page: 'docs/tutorial/own-game.md', because: 'test/packages makes the project from packed packages, starts it and plays in it' },
  { page: 'README.md', begins: 'npm create strata', because: 'test/packages makes the project from packed packages, starts it and plays in it' },
  { page: 'README.md', begins: 'cd my-game', because: 'test/packages makes the project from packed packages, starts it and plays in it' },
  { page: 'docs/tutorial/first-zone.md', because: 'test/docs/firstZone.test.ts plays this tutorial, in a world with its own policies' },
  { begins: 'npm install', because: 'changes the installed packages that the tests run on' },
  { begins: 'npm start', because: start },
  { begins: 'npm test', because: 'runs the tests; the pipeline does' },
  { begins: 'npm run', because: 'takes minutes; test/docs/examples.test.ts checks that the script exists, and the pipeline or a test of the folder runs it' },
  { page: 'docs/how-to/observe.md', begins: 'docker', because: 'needs Docker; test/traces sends traces to a collector of its own' },
  { page: 'docs/how-to/observe.md', begins: 'OTEL_EXPORTER_OTLP_ENDPOINT', because: 'needs a collector; test/traces sends traces to one' },
  { page: 'docs/how-to/addresses.md', begins: 'openssl s_client', because: 'needs a public name and a certificate; test/gameserver connects over TLS' },
  { page: 'docs/how-to/publish.md', begins: 'for package', because: 'publishes to the public registry' },
  {
    page: 'docs/how-to/command-line.md',
    begins: 'npx strata simulate',
    because: 'simulates a day, which takes minutes; simulate/ and bench/ have tests of shorter days',
  },
  { page: 'docs/how-to/webhooks.md', begins: 'strata webhooks discard', because: 'needs the id of a dead letter; the tests of webhooks in test/ discard one' },
]

/** Commands that the test runs with other values, because the page cannot know the names of a running world, or for a shorter time. */
export const replaced: readonly (readonly [written: string, run: string])[] = [
  ['--bots 500 --seconds 30', '--bots 5 --seconds 2'],
  ['http://127.0.0.1:7100', '$MATCHMAKER'],
  ['https://play.example.com', '$MATCHMAKER'],
  ['move "Ada 1" forest-mwq3iude', 'move "$PLAYER" "$COPY"'],
  ['kick "Stuck Sue"', 'kick "$PLAYER"'],
  ['message "Rude Rita"', 'message "$PLAYER"'],
  ['forest-mwq3iude', '$COPY'],
  ['overworld-zmfbx-s28xs', '$SERVER'],
  ['oldGame.ts 100000', 'oldGame.ts 200'],
]

/** Commands that end with another code than 0. */
export const otherCodes: Readonly<Record<string, number>> = {
  'npx strata diff drafts/forest.yaml': 1,
}
