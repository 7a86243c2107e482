#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Checks what every file of the repository must look like.   tree.sh <repository root>
cd "$1" || exit 1
files() { find . -path ./.git -prune -o -path ./build -prune -o -type f "$@" | sort; }
sources() { files \( -name '*.hpp' -o -name '*.cpp' -o -name '*.cu' -o -name '*.sh' -o -name '*.cmake' -o -name CMakeLists.txt \) -print; }
name() { sed "s|^|$1: |"; }

complaints=$(
  # The top level stays a page of names.
  ls -A | grep -vxE '(CMakeLists\.txt|README\.md|CMakePresets\.json|LICENSE|CHANGELOG\.md|include|examples|tests|bench|cmake|build|\..*)' |
    name 'does not belong at the top level'

  # grep -L prints the files that lack the line.
  files -name '*.hpp' -print | xargs grep -L '^#pragma once$' | name 'a header without #pragma once'
  sources | xargs grep -L 'SPDX-License-Identifier: Apache-2.0' | name 'no SPDX line'

  # Paths of one machine and marks of unfinished work. The brackets keep this file from finding itself.
  files -print | xargs grep -nIE '(^|[^A-Za-z0-9_.}])/(hom[e]|roo[t]|User[s]|wor[k]|far[m])/|/tmp/[a-z]' | name 'a path of one machine'
  files -print | xargs grep -nIE '(^|[^A-Za-z])(TOD[O]|FIXM[E]|XX[X])([^A-Za-z]|$)' | name 'unfinished'
  files -print | xargs grep -nIE '\b[Ii]ssue #?[0-9]' | name 'say the reason instead of a number'
)
[ -z "$complaints" ] || { printf '%s\n' "$complaints"; exit 1; }
