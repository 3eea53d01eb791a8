#!/usr/bin/env bash
# Checks the stack. Packages a development stage and a production stage and lints them against AWS's
# resource schemas. Deploys both to an emulated AWS, runs the built handlers there, deploys changes,
# rolls them back and removes the stack. Run it after the build. It needs cfn-lint and moto.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"
export SLS_TELEMETRY_DISABLED=1

fail() {
  echo "stack: $1" >&2
  exit 1
}

command -v cfn-lint >/dev/null || fail 'cfn-lint is missing: pip install --requirement .ci/requirements.txt'
python3 -c 'import boto3, moto.server' 2>/dev/null || fail "moto's server is missing: pip install --requirement .ci/requirements.txt"
for name in api queue schedule preflight; do
  [ -f "dist/handlers/$name.mjs" ] || fail "dist/handlers/$name.mjs is missing: npm run build"
done

work=$(mktemp -d)
moto=
stop() {
  if [ -n "$moto" ]; then kill "$moto" 2>/dev/null || true; fi
  rm -rf "$work" stages/ci.yml
}
trap stop EXIT

# The production stage of this check.
settings() {
  printf '%s\n' 'production: true' 'network: ha' 'pageEmail: desk@example.com' \
    'concurrency: { api: 10, queue: 6, schedule: 5, preflight: 1 }' 'eventBus: outcomes' "$@" >stages/ci.yml
}
settings

# No command below can reach the user's real AWS account.
unset AWS_PROFILE AWS_SESSION_TOKEN
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=ap-northeast-1 AWS_DEFAULT_REGION=ap-northeast-1

run() {
  "$@" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    fail "failed: $*"
  }
}

echo '== packages and lint'
for stage in dev ci; do
  run serverless package --stage "$stage" --package "$work/$stage"
  # W3005: the deploy tool generates redundant DependsOn entries.
  cfn-lint --regions ap-northeast-1 --ignore-checks W3005 -- "$work/$stage/cloudformation-template-update-stack.json" ||
    fail "cfn-lint: stage $stage"
  echo "  ok   $stage"
done

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export AWS_ENDPOINT_URL="http://127.0.0.1:$port"
python3 .ci/moto_server.py --port "$port" >"$work/moto.log" 2>&1 &
moto=$!
for _ in $(seq 60); do
  curl --silent --fail --output /dev/null "$AWS_ENDPOINT_URL/moto-api/" && break
  kill -0 "$moto" 2>/dev/null || break
  sleep 0.5
done
curl --silent --fail --output /dev/null "$AWS_ENDPOINT_URL/moto-api/" || {
  cat "$work/moto.log" >&2
  fail 'moto did not start'
}

deploy() { run node stack/deploy.ts --stage "$@"; }
describe() { python3 .ci/describe.py "$AWS_ENDPOINT_URL" "binance-options-cancel-$1" "$work/$1.json" "${@:2}"; }

echo '== deployment of a production stage'
deploy ci
describe ci outcomes

echo '== the built handlers with the deployed queues and secret'
node .ci/smoke.ts "$AWS_ENDPOINT_URL" "$work/ci.json" | grep '^  ' # drops the handlers' log

echo '== settings that deployments cannot lose'
# Prints the parameters of the live stack and the weight limit of its functions.
live() {
  python3 -c 'import boto3, json
(stack,) = boto3.client("cloudformation").describe_stacks(StackName="binance-options-cancel-ci")["Stacks"]
api = boto3.client("lambda").get_function_configuration(FunctionName="binance-options-cancel-ci-api")
print(json.dumps(stack["Parameters"], sort_keys=True), api["Environment"]["Variables"]["BINANCE_WEIGHT_LIMIT"])'
}
first=$(live)
if node stack/deploy.ts --stage prod >/dev/null 2>"$work/log"; then fail 'a production stage without a recipient was deployed'; fi
grep -q 'pageEmail is empty' "$work/log" || fail "$(cat "$work/log")"
echo '  ok   a production stage without a recipient is refused'
sed -i 's/desk@/other@/; s/^network: ha/network: none/' stages/ci.yml
if node stack/deploy.ts --stage ci >"$work/log" 2>&1; then fail 'network and recipient were changed without --yes'; fi
grep -q '! Network: ha → none' "$work/log" && grep -q '! PageEmail: desk@example.com → other@example.com' "$work/log" ||
  fail "$(cat "$work/log")"
echo '  ok   another network and recipient are refused without --yes'
settings 'weightLimit: 500'
printf '\n// a change of the code\n' >>dist/handlers/api.mjs
deploy ci
[ "$(live)" = "${first% 400} 500" ] || fail "the second deployment: $(live)"
run node stack/rollback.ts --stage ci
[ "$(live)" = "$first" ] || fail "after the rollback: $(live), before: $first"
echo '  ok   deploy, change the code, deploy, roll back: every parameter is unchanged'

echo '== deployment of a development stage, and its removal'
run curl --silent --fail --request POST "$AWS_ENDPOINT_URL/moto-api/reset"
deploy dev
describe dev | grep -E 'Egress|functions'
run serverless remove --stage dev
if describe dev >/dev/null 2>&1; then fail 'the stack is still there'; fi
echo '  ok   the stack is gone'
