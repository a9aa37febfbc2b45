#!/usr/bin/env bash
# Says one sentence where people look: as a notice on the run, and in its summary.
set -euo pipefail
echo "::notice::$1"
echo "$1" >> "$GITHUB_STEP_SUMMARY"
