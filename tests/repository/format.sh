#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Names the files that clang-format would change.   format.sh <repository root> <clang-format>
cd "$1" || exit 1
format=$2
find include tests examples bench -name '*.hpp' -o -name '*.cpp' -o -name '*.cu' | sort | {
  status=0
  while IFS= read -r file; do
    "$format" --dry-run -Werror "$file" 2>/dev/null || { status=1; echo "$(basename "$format") -i $file"; }
  done
  exit $status
}
