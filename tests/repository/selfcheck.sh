#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that the repository checks fail on planted violations, on a copy.   selfcheck.sh <repository root> <scratch folder> <compiler>
set -u
own=$(cd "$(dirname "$0")" && pwd) root=$1 scratch=$2 compiler=$3

fresh() { rm -rf "$scratch"; mkdir -p "$scratch"; cp -r "$root/include" "$root/cmake" "$root/tests" "$root/LICENSE" "$scratch"; }
caught() {  # caught <what> <part of the message> <command>...
  what=$1 part=$2
  shift 2
  output=$("$@" 2>&1) && { echo "not caught: $what"; exit 1; }
  case $output in *"$part"*) ;; *) printf '%s: the message lacks "%s":\n%s\n' "$what" "$part" "$output"; exit 1 ;; esac
}
plant() { mkdir -p "$(dirname "$scratch/$1")"; printf '// SPDX-License-Identifier: Apache-2.0\n#pragma once\n%s\n' "$2" >"$scratch/$1"; }

layer() {  # layer <header> <its line> <part of the message>
  fresh
  plant "include/sinter/$1" "$2"
  caught "$1: $2" "$3" sh "$own/layers.sh" "$scratch/include/sinter"
}
layer core/planted.hpp '#include <sinter/graph/graph.hpp>' 'core must not include graph'
layer simd/planted.hpp '#include <sinter/cuda/launch.hpp>' 'simd must not include cuda'
layer cuda/planted.hpp '  #  include <sinter/run/call.hpp>' 'cuda must not include run'
layer fuse/planted.hpp '#include <sinter/run/fn.hpp>' 'fuse must not include run'
layer interop/planted.hpp '#include <sinter/import/stablehlo.hpp>' 'interop must not include import'
layer run/planted.hpp '#include <sinter/sinter.hpp>' 'front door sinter/sinter.hpp'
layer extra/planted.hpp '' 'is no layer'
layer core/planted.hpp '#include <sinter/extra/x.hpp>' 'is no layer'
layer ops/planted.hpp '#include "../core/dtype.hpp"' 'quoted include'
fresh
plant include/sinter/cuda/arch/planted.hpp '#include <sinter/core/config.hpp>'
sh "$own/layers.sh" "$scratch/include/sinter" || { echo 'a legal include was refused'; exit 1; }

tree() { caught "$1" "$2" sh "$own/tree.sh" "$scratch"; }
fresh; mkdir "$scratch/docs"; tree 'a new top-level folder' 'docs'
fresh; echo '// SPDX-License-Identifier: Apache-2.0' >"$scratch/include/sinter/core/planted.hpp"; tree 'no #pragma once' 'without #pragma once'
fresh; echo '#pragma once' >"$scratch/include/sinter/core/planted.hpp"; tree 'no SPDX line' 'no SPDX line'
fresh; plant tests/core/planted.hpp '// see /hom''e/me/notes'; tree 'a machine path' 'a path of one machine'
fresh; plant tests/core/planted.hpp '// TO''DO'; tree 'unfinished work' 'unfinished'

echo "void $(printf 'f%.0s' $(seq 501))() {}" >"$scratch/long.cpp"
caught 'a long symbol' 'more than 500' sh "$own/symbols.sh" "$scratch" "$compiler" -- "$scratch/long.cpp"
echo 'every planted violation was caught'
