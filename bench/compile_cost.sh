#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Measures what sinter costs a compiler, in seconds and megabytes, beside what it may cost. The best of three runs counts for
# what takes less than two seconds: such short times are noisy.   compile_cost.sh <scratch folder> <compiler> [flag]...
set -u
own=$(cd "$(dirname "$0")" && pwd)
scratch=$1 compiler=$2
shift 2
flags="-std=c++20 -march=native -I$own/../include $*"
mkdir -p "$scratch"
[ -x /usr/bin/time ] || { echo "GNU time is missing; install it with: sudo apt-get install time"; exit 1; }

# The front half is every header of the layers that no SIMD library reaches.
for layer in core graph ops transform fuse; do
  find "$own/../include/sinter/$layer" -name '*.hpp' | sort | sed 's|.*/include/\(.*\)|#include <\1>|'
done >"$scratch/front_half.cpp"
echo '#include <sinter/sinter.hpp>' >"$scratch/whole_library.cpp"

status=0
measure() {  # measure <what> <file> <at most seconds> <at most MB, or -> <flag>...
  what=$1 file=$2 seconds=$3 megabytes=$4
  shift 4
  : >"$scratch/runs"
  for run in 1 2 3; do
    # $flags holds one flag a word: none of ours contains a space.
    if ! /usr/bin/time -o "$scratch/time" -f '%e %M' $compiler $flags "$@" -c "$file" -o "$scratch/object.o" 2>"$scratch/errors"; then
      printf '%-44s does not compile:\n' "$what"
      head -n 12 "$scratch/errors"
      status=1
      return
    fi
    cat "$scratch/time" >>"$scratch/runs"
    awk '$1 >= 2 { exit 1 }' "$scratch/time" || break
  done
  sort -n "$scratch/runs" | head -n 1 | awk -v what="$what" -v seconds="$seconds" -v megabytes="$megabytes" '{
    over = $1 > seconds || (megabytes != "-" && $2 / 1024 > megabytes)
    printf "%-44s %7.2f s %7.0f MB   at most %4.1f s %4s MB%s\n", what, $1, $2 / 1024, seconds, megabytes, over ? "   OVER" : ""
    exit over
  }' || status=1
}

$compiler --version | head -n 1
measure 'headers: core, graph, ops, transform, fuse' "$scratch/front_half.cpp" 0.6 -
measure 'headers: all, with the SIMD backend' "$scratch/whole_library.cpp" 2.0 - -O2
measure 'softmax' "$own/compile/softmax.cpp" 3.0 400 -O2
measure '40 different small functions' "$own/compile/forty_functions.cpp" 12.0 - -O2
measure 'a traced chain of 1,000 nodes' "$own/compile/long_chain.cpp" 10.0 - -O2
measure 'gradient of a network of three layers' "$own/compile/network.cpp" 10.0 - -O2
for layers in 1 2 4 8; do
  measure "gradient of a transformer of $layers layers" "$own/compile/transformer.cpp" $((15 * layers)) $((layers > 4 ? 3000 : 1500)) -O2 -DLAYERS=$layers
done
measure 'a source that calls a compiled function' "$own/../examples/08_firewall.cpp" 1.0 - -O2
measure 'the source that compiles it' "$own/../examples/08_firewall/classifier.cpp" 5.0 - -O2
if nvcc=$(command -v nvcc || command -v /usr/local/cuda/bin/nvcc); then
  compiler=$nvcc flags="-std=c++20 -I$own/../include -gencode=arch=compute_90a,code=sm_90a"
  measure 'nvcc: 40 different functions on device tensors' "$own/compile/forty_functions.cu" 6.0 400
else
  echo 'nvcc was not found: functions on device tensors are not measured'
fi
exit $status
