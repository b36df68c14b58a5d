#!/bin/sh
# `npx strata`: the machine's own Node may be too old for TypeScript; the one that came with `npm install` is not.
here=$(dirname "$(readlink -f "$0")")
node="$here/../node_modules/.bin/node"
if [ ! -x "$node" ]; then
  echo "strata: run \"npm install\" in $(dirname "$here") first" >&2
  exit 2
fi
exec "$node" "$here/strata.ts" "$@"
