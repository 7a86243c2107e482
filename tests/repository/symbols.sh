#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles files at -O2 and fails if a mangled symbol is longer than 500 characters: then a user's closure or a nested expression
# type leaked into a kernel's name.   symbols.sh <scratch folder> <compiler> <flag>... -- <file>...
set -u
scratch=$1
shift
mkdir -p "$scratch"
command=
while [ "$1" != -- ]; do command="$command $1"; shift; done
shift
status=0
for file; do
  object=$scratch/$(basename "$file").o
  $command -O2 -c "$file" -o "$object" || exit 1
  nm "$object" | awk -v file="$(basename "$file")" '
    length($NF) > longest { longest = length($NF); name = $NF }
    END {
      printf "%s: longest symbol %d characters\n", file, longest
      if (longest > 500) { print "  more than 500: " name; exit 1 }
    }' || status=1
done
exit $status
