#!/usr/bin/env bash
# variables.sh WHAT NAME...: whether the repository variables NAME... are set. None: this says so, and the run goes on
# without OSS. Some: a mistake, and never a reason to leave something out silently.
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
bash "$(dirname "$0")/say.sh" "Nothing was $what: the repository variables $(printf '%s, ' "$@" | sed 's/, $//') are not set. docs/github.md, \"Set up GitHub\", says how."
