import { type Compatibility, present } from '../../packages/release/compatibility.ts'
import released from '../../packages/release/released.json' with { type: 'json' }

/** docs/reference/compatibility.md: what each release of Strata works with. The first row is this checkout's, from the code. */
export function compatibilityReference(): string {
  const now = present()
  const before = (released as Compatibility[]).filter(({ strata }) => strata !== now.strata).toReversed()
  return `# Compatibility

<!-- Made by npm run generate from the code and packages/release/released.json; do not edit. -->

| Strata | Kubernetes | Agones | room protocol | database schema |
| --- | --- | --- | --- | --- |
${[now, ...before].map(row).join('\n')}

- **Kubernetes**: the chart refuses other versions, and \`npm run test:cluster\` runs on 1.35.
- **Agones**: the suite of the cluster runs on real Agones where its binaries are given (\`AGONES_BIN\`), else on an emulation.
- **Room protocol**: the versions that the game servers speak. A client with an older one gets a seat only on servers that speak it.
- **Database schema**: the newest migration. Processes refuse a database with an older schema (\`SCHEMA_TOO_OLD\`). Two neighbouring releases can run side by side on the newer schema;
  exceptions are in [roll out](../how-to/roll-out.md).
`
}

function row({ strata, kubernetes, agones, protocol, schema }: Compatibility): string {
  return `| ${strata} | ${kubernetes} | ${agones} | ${protocol} | \`${schema}\` |`
}
