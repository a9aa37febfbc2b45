#!/usr/bin/env bash
# notice.sh TEXT: reports one sentence as a notice on the run, and in its summary.
set -euo pipefail
echo "::notice::$1"
echo "$1" >> "$GITHUB_STEP_SUMMARY"
