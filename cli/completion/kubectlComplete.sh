#!/bin/sh
# kubectl runs this as `kubectl_complete-strata WORDS…` to complete `kubectl strata`.
exec "$(dirname "$(readlink -f "$0")")/../strata.sh" complete -- "$@"
