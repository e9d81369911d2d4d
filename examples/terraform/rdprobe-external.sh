#!/bin/sh
# For Terraform's external data source: a query of strings in, a flat map of strings out.
#
#   {"target": "myvm", "expect": "reachable"} -> {"result": "met", "verdict": "reachable", "summary": "...", ...}
#
# A machine that fails its check is an answer; only what keeps rdprobe from checking is an error. Needs jq.
set -eu

query=$(cat)
target=$(printf '%s' "$query" | jq -er '.target')
expect=$(printf '%s' "$query" | jq -r '.expect // "reachable"')

code=0
check=$(rdprobe check --format json --expect "$expect" -- "$target") || code=$?
case $code in
  0 | 1 | 3) ;;
  *) exit "$code" ;;
esac

printf '%s' "$check" | jq '{
  result: .result,
  verdict: .report.diagnosis.verdict,
  summary: .report.diagnosis.summary,
  cause: (.report.diagnosis.findings[0].cause // ""),
  missed: ([.expectations[] | select(.outcome != "met") | .expectation] | join(", "))
} | map_values(tostring)'
