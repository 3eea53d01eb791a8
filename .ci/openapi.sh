#!/usr/bin/env bash
# Lints docs/openapi.yaml with a second linter, compiles a client that is generated from it, and calls the built API
# handler with that client. Needs dist/.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"
tools=.ci/openapi/node_modules/.bin

npm ci --prefix .ci/openapi
"$tools/spectral" lint docs/openapi.yaml --ruleset .ci/openapi/spectral.yaml --fail-severity warn
"$tools/openapi-typescript" docs/openapi.yaml --output dist/openapi.d.ts
tsc --project .ci/openapi
node .ci/openapi/client.ts
