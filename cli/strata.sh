#!/bin/sh
# `npx strata`. Runs the Node of `npm install`, because the machine's own Node may be too old for TypeScript.
here=$(dirname "$(readlink -f "$0")")
node="$here/../node_modules/.bin/node"
if [ ! -x "$node" ]; then
  echo "strata: run \"npm install\" in $(dirname "$here") first" >&2
  exit 2
fi
exec "$node" "$here/strata.ts" "$@"
