#!/usr/bin/env bash
# Checks the stack. Packages every variant and lints it against AWS's resource schemas. Deploys one
# variant to an emulated AWS, runs the built handlers there and removes it. Deploys another in a
# VPC. Run it after the build. It needs cfn-lint and moto.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"
export SLS_TELEMETRY_DISABLED=1

fail() {
  echo "stack: $1" >&2
  exit 1
}

command -v cfn-lint >/dev/null || fail 'cfn-lint is missing: pip install cfn-lint'
python3 -c 'import boto3, moto.server' 2>/dev/null || fail "moto's server is missing: pip install 'moto[server,all]'"
for name in api queue schedule preflight; do
  [ -f "dist/handlers/$name.mjs" ] || fail "dist/handlers/$name.mjs is missing: npm run build"
done

work=$(mktemp -d)
moto=
stop() {
  if [ -n "$moto" ]; then kill "$moto" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap stop EXIT

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
for stage in dev prod; do
  for vpc in off on; do
    run serverless package --stage "$stage" --param "vpc=$vpc" --param eventBus=outcomes --package "$work/$stage-$vpc"
    # W3005: the deploy tool generates redundant DependsOn entries.
    cfn-lint --regions ap-northeast-1 --ignore-checks W3005 -- "$work/$stage-$vpc/cloudformation-template-update-stack.json" ||
      fail "cfn-lint: stage $stage, vpc $vpc"
    echo "  ok   $stage, vpc $vpc"
  done
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

echo '== deployment'
run serverless deploy --stage dev --param eventBus=outcomes
python3 .ci/describe.py "$AWS_ENDPOINT_URL" binance-options-cancel-dev "$work/dev.json" outcomes

echo '== the built handlers with the deployed queues and secret'
node .ci/smoke.ts "$AWS_ENDPOINT_URL" "$work/dev.json" | grep '^  ' # drops the handlers' log

echo '== removal'
run serverless remove --stage dev
if python3 .ci/describe.py "$AWS_ENDPOINT_URL" binance-options-cancel-dev "$work/gone.json" >/dev/null 2>&1; then
  fail 'the stack is still there'
fi
echo '  ok   the stack is gone'

echo '== deployment in a VPC'
run curl --silent --fail --request POST "$AWS_ENDPOINT_URL/moto-api/reset"
run serverless deploy --stage dev --param vpc=on
python3 .ci/describe.py "$AWS_ENDPOINT_URL" binance-options-cancel-dev "$work/vpc.json" | grep -E 'Egress|functions'
