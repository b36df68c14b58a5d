#!/usr/bin/env bash
# Creates the keys and certificates of a cluster and stores them only in its Secrets. Needs kubectl and openssl.
#   k8s/keys.sh init [--dev]    creates what is missing: ticket and service keys, operator token, webhook certificate; with --dev also the
#                               keys of the development login and the URLs of the data stores in overlays/dev
#   k8s/keys.sh trust           writes the CA of the webhook certificate into each FleetAutoscaler, so that Agones trusts it
#   k8s/keys.sh rotate begin    creates the next ticket key: servers accept it, nobody signs with it yet
#   k8s/keys.sh rotate switch   two minutes later: signs with the next key; servers still accept the old key
#   k8s/keys.sh rotate end      when the last old ticket has expired (the longest queue.grace): servers stop accepting the old key
#   k8s/keys.sh rotate STEP service   the same three steps for the key of service tokens
#   k8s/keys.sh service-key DIR writes the private key of service tokens into DIR, for `strata token create --keys DIR`
# docs/how-to/rotate-keys.md explains the order. The environment variable NAMESPACE (default: strata) selects the namespace.
set -euo pipefail

namespace=${NAMESPACE:-strata}
autoscaler=strata-autoscaler.$namespace.svc
# Keeps the keys in memory where /dev/shm exists.
if [ -d /dev/shm ]; then export TMPDIR=/dev/shm; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077

say() { echo "keys.sh: $*" >&2; }
fail() { say "$*"; exit 1; }
k() { kubectl --namespace "$namespace" "$@"; }
has() { k get secret "$1" >/dev/null 2>&1; }
field() { k get secret "$1" -o "go-template={{with index .data \"$2\"}}{{. | base64decode}}{{end}}"; }

# secret NAME create|replace TYPE ARGS…: unlike `apply`, `create` and `replace` do not copy the content into an annotation.
secret() {
  local name=$1 verb=$2 type=$3; shift 3
  k create secret "$type" "$name" "$@" --dry-run=client -o yaml |
    kubectl label --local -f - -o yaml app.kubernetes.io/part-of=strata "strata.dev/made=$(date +%s)" | k "$verb" -f - >/dev/null
  say "secret/$name: ${verb}d"
}

# pair NAME: writes an Ed25519 key pair to $work/NAME.private.pem and $work/NAME.public.pem
pair() {
  openssl genpkey -algorithm ed25519 -out "$work/$1.private.pem"
  openssl pkey -in "$work/$1.private.pem" -pubout -out "$work/$1.public.pem"
}

# dev_connections PROCESS: writes the URLs of a process in overlays/dev, and prints the arguments of `kubectl create secret generic`
dev_connections() {
  mkdir -p "$work/$1"
  printf 'postgres://strata_%s:%s@postgres:5432/strata' "$1" "$(field strata-migrate "$(tr a-z A-Z <<<"$1")_PASSWORD")" >"$work/$1/DATABASE_URL"
  printf 'redis://redis:6379' >"$work/$1/REDIS_URL"
  echo "--from-file=$work/$1/DATABASE_URL" "--from-file=$work/$1/REDIS_URL"
}

webhook_certificate() {
  local ca=(-subj "/CN=strata autoscaler CA" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign)
  local ec=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  openssl req -x509 "${ec[@]}" -days 3650 "${ca[@]}" -keyout "$work/ca.key" -out "$work/ca.crt" 2>/dev/null
  openssl req "${ec[@]}" -subj "/CN=$autoscaler" -keyout "$work/tls.key" -out "$work/tls.csr" 2>/dev/null
  printf 'subjectAltName=DNS:%s,DNS:%s.cluster.local\nextendedKeyUsage=serverAuth\n' "$autoscaler" "$autoscaler" >"$work/san"
  # The private key of the CA is not kept: the next certificate gets a new CA.
  openssl x509 -req -in "$work/tls.csr" -CA "$work/ca.crt" -CAkey "$work/ca.key" -CAcreateserial -days 1095 -extfile "$work/san" -out "$work/tls.crt" 2>/dev/null
  secret strata-webhook-tls create generic --type=kubernetes.io/tls "--from-file=$work/tls.crt" "--from-file=$work/tls.key" "--from-file=$work/ca.crt"
}

init() {
  kubectl get namespace "$namespace" >/dev/null 2>&1 || kubectl create namespace "$namespace" --save-config
  if ! has strata-ticket-private; then
    pair ticket
    secret strata-ticket-private create generic "--from-file=$work/ticket.private.pem"
    has strata-ticket-public && k delete secret strata-ticket-public
    secret strata-ticket-public create generic "--from-file=$work/ticket.public.pem"
  fi
  if ! has strata-service-private; then
    pair service
    secret strata-service-private create generic "--from-file=$work/service.private.pem"
    has strata-service-public && k delete secret strata-service-public
    secret strata-service-public create generic "--from-file=$work/service.public.pem"
  fi
  if ! has strata-operator; then
    openssl rand -hex 24 | tr -d '\n' >"$work/token"
    secret strata-operator create generic "--from-file=$work/token"
  fi
  has strata-webhook-tls || webhook_certificate
  [ "${1:-}" = --dev ] || return 0
  if ! has strata-session; then
    pair session
    secret strata-session create generic "--from-file=$work/session.private.pem" "--from-file=$work/session.public.pem"
  fi
  if ! has strata-dev-postgres; then
    openssl rand -hex 16 | tr -d '\n' >"$work/password"
    secret strata-dev-postgres create generic "--from-file=$work/password"
  fi
  # A password per process. The dev Redis has no users.
  if ! has strata-migrate; then
    printf 'postgres://strata:%s@postgres:5432/strata' "$(field strata-dev-postgres password)" >"$work/DATABASE_URL"
    for process in GAMESERVER MATCHMAKER ORCHESTRATOR; do openssl rand -hex 16 | tr -d '\n' >"$work/${process}_PASSWORD"; done
    secret strata-migrate create generic "--from-file=$work/DATABASE_URL" "--from-file=$work/GAMESERVER_PASSWORD" \
      "--from-file=$work/MATCHMAKER_PASSWORD" "--from-file=$work/ORCHESTRATOR_PASSWORD"
  fi
  has strata-gameserver-connections || secret strata-gameserver-connections create generic $(dev_connections gameserver)
  has strata-matchmaker-connections || secret strata-matchmaker-connections create generic $(dev_connections matchmaker)
  has strata-orchestrator-connections || secret strata-orchestrator-connections create generic $(dev_connections orchestrator)
}

trust() {
  local bundle names
  bundle=$(k get secret strata-webhook-tls -o 'go-template={{index .data "ca.crt"}}')
  [ -n "$bundle" ] || fail "secret/strata-webhook-tls has no ca.crt"
  names=$(k get fleetautoscalers -o name -l app.kubernetes.io/part-of=strata)
  [ -n "$names" ] || fail "there is no FleetAutoscaler in $namespace: apply the overlay first"
  for name in $names; do k patch "$name" --type=merge -p "{\"spec\":{\"policy\":{\"webhook\":{\"caBundle\":\"$bundle\"}}}}"; done
}

rotate() {
  local name=$2 age
  case $name in ticket | service) ;; *) fail "there is no key \"$name\" to rotate: use ticket or service" ;; esac
  case ${1:-} in
    begin)
      has "strata-$name-next" && fail "a rotation is in progress: run 'rotate switch' next"
      [ -z "$(field "strata-$name-public" "$name.public.old.pem")" ] || fail "the last rotation has not ended: run 'rotate end' first"
      pair "$name"
      secret "strata-$name-next" create generic "--from-file=$work/$name.private.pem" "--from-file=$work/$name.public.pem"
      field "strata-$name-public" "$name.public.pem" >"$work/present.pem"
      secret "strata-$name-public" replace generic "--from-file=$name.public.pem=$work/present.pem" "--from-file=$name.public.next.pem=$work/$name.public.pem"
      say "wait two minutes until every pod has the next key, then run: k8s/keys.sh rotate switch $name" ;;
    switch)
      has "strata-$name-next" || fail "there is no next key: run 'rotate begin' first"
      age=$(($(date +%s) - $(k get secret "strata-$name-next" -o 'jsonpath={.metadata.labels.strata\.dev/made}')))
      [ "$age" -ge "${ROTATE_WAIT_SECONDS:-120}" ] || fail "the next key is $age s old, and pods may not have it yet: wait until it is 120 s old"
      field "strata-$name-next" "$name.private.pem" >"$work/$name.private.pem"
      field "strata-$name-next" "$name.public.pem" >"$work/$name.public.pem"
      field "strata-$name-public" "$name.public.pem" >"$work/old.pem"
      secret "strata-$name-public" replace generic "--from-file=$work/$name.public.pem" "--from-file=$name.public.old.pem=$work/old.pem"
      secret "strata-$name-private" replace generic "--from-file=$work/$name.private.pem"
      k delete secret "strata-$name-next"
      if [ "$name" = ticket ]; then
        k rollout restart deployment/strata-matchmaker deployment/strata-orchestrator
        say "when they have restarted and the longest queue.grace has passed, run: k8s/keys.sh rotate end"
      else say "when every program has a token of the new key, run: k8s/keys.sh rotate end $name"; fi ;;
    end)
      has "strata-$name-next" && fail "a rotation is in progress: run 'rotate switch' next"
      field "strata-$name-public" "$name.public.pem" >"$work/$name.public.pem"
      secret "strata-$name-public" replace generic "--from-file=$work/$name.public.pem" ;;
    *) fail "unknown command: use rotate begin, rotate switch or rotate end" ;;
  esac
}

# service_key DIR: no pod has this key. To sign a token, read the key from the Secret and delete DIR afterwards.
service_key() {
  [ -n "${1:-}" ] || fail "name the folder: k8s/keys.sh service-key DIR"
  mkdir -p "$1"
  field strata-service-private service.private.pem >"$1/service.private.pem"
  say "wrote $1/service.private.pem; delete it when the token is made"
}

case ${1:-} in
  init) init "${2:-}" ;;
  trust) trust ;;
  rotate) rotate "${2:-}" "${3:-ticket}" ;;
  service-key) service_key "${2:-}" ;;
  *) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
