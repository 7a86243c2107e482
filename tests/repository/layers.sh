#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Checks that headers include only their own layer and those below it.   layers.sh <include/sinter>
#
#   core < graph < ops < transform < fuse < simd < cuda < run < import, interop
#
# A header in a folder may include its own folder and folders to its left; import and interop do
# not see each other. A header directly in include/sinter is a front door: it may include anything, and no folder includes it.
cd "$1" || exit 1
find . -name '*.hpp' | sort | xargs awk '
  BEGIN {
    rank["core"] = 1; rank["graph"] = 2; rank["ops"] = 3; rank["transform"] = 4; rank["fuse"] = 5
    rank["simd"] = 6; rank["cuda"] = 7; rank["run"] = 8; rank["import"] = 9; rank["interop"] = 9
  }
  function wrong(text) { printf "%s:%d: %s\n", substr(FILENAME, 3), FNR, text; bad = 1 }
  FNR == 1 {
    parts = split(FILENAME, path, "/")
    own = parts > 2 ? path[2] : ""
    if (own != "" && !(own in rank)) wrong("the folder " own " is no layer; layers.sh names them")
  }
  /^[ \t]*#[ \t]*include[ \t]*"/ { wrong("write <sinter/...> instead of a quoted include") }
  /^[ \t]*#[ \t]*include[ \t]*<sinter\// && own != "" && (own in rank) {
    target = $0
    sub(/^[^<]*<sinter\//, "", target)
    if (target !~ /\//) { wrong(own " must not include the front door sinter/" substr(target, 1, index(target, ">") - 1)); next }
    sub(/\/.*/, "", target)
    if (!(target in rank)) wrong("the folder " target " is no layer; layers.sh names them")
    else if (target != own && rank[target] >= rank[own]) wrong(own " must not include " target ", which is not below it")
  }
  END { exit bad }
'
