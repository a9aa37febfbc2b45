#!/usr/bin/env bash
# require-variables.sh WHAT NAME...: checks that the repository variables NAME... are set. If none is, it reports that
# and the run goes on without OSS. If only some are, that is an error, since nothing may be left out silently.
set -euo pipefail
what=$1
shift
missing=()
for name in "$@"; do
  if [ -z "${!name:-}" ]; then missing+=("$name"); fi
done
if [ ${#missing[@]} = 0 ]; then exit 0; fi
if [ ${#missing[@]} -lt $# ]; then
  echo "::error::The repository variables are half set: ${missing[*]} missing. Set all of them, or none."
  exit 1
fi
bash "$(dirname "$0")/notice.sh" "Nothing was $what: the repository variables $(printf '%s, ' "$@" | sed 's/, $//') are not set. docs/github.md, \"Set up GitHub\", explains how to set them."
