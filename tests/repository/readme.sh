#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The program in README.md is examples/00_readme.cpp, and what it is said to print is what that example is tested to print.
#   readme.sh <repository root> <scratch folder>
cd "$1" || exit 1
mkdir -p "$2"
awk -v out="$2" '
  /^```/ { inside = !inside; blocks += inside; next }
  inside && blocks <= 2 { print > (out "/readme." blocks) }
' README.md
awk -v out="$2" '
  BEGIN { part = 1 }
  /^\/\/ SPDX/ { next }
  /^\/\/ Output:$/ { part = 2; blank = ""; next }
  part == 1 && /^$/ { blank = "\n"; next }
  { if (part == 2) sub(/^\/\/ ?/, ""); printf "%s%s\n", blank, $0 > (out "/example." part); blank = "" }
' examples/00_readme.cpp
diff "$2/readme.1" "$2/example.1" && diff "$2/readme.2" "$2/example.2"
