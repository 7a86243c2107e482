#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the CUDA tests and benchmarks, runs both and compute-sanitizer, and writes report.json, report.md and report.svg, all within nine
# minutes, whatever fails on the way.   run.sh [folder for the results]
# NVCC: the compiler. SINTER_CUBLAS, SINTER_CUDNN: folders with the include and lib of cuBLASLt and cuDNN, where the toolkit has none. CXX:
# for the report.
set -u
own=$(cd "$(dirname "$0")" && pwd)
out=${1:-cuda-report} seconds=510
. "$own/common.sh"
: >"$rows" && : >"$log" || exit 2

# --- what is here ---
"$smi" --query-gpu=name,compute_cap,driver_version --format=csv,noheader >"$build/gpu" 2>&1 ||
  stop "find a GPU" "no NVIDIA GPU is visible: $smi does not answer; nothing was run"
capability=$(sed -n '1s/.*, *\([0-9]*\)\.\([0-9]*\),.*/\1\2/p' "$build/gpu")
[ -n "$capability" ] || stop "find a GPU" "no NVIDIA GPU is visible: $smi names none; nothing was run"
row "find a GPU" passed 0 "$(sed -n 1p "$build/gpu")"
# What only this GPU's own kind has, such as wgmma, needs the letter.
[ "$capability" -lt 90 ] || capability=${capability}a
nvcc=${NVCC:-$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)}
[ -x "$nvcc" ] || stop "find nvcc" "nvcc was not found; put it on the PATH or set NVCC"
toolkit=$(cd "$(dirname "$nvcc")/.." && pwd)
flags="-std=c++20 -O3 -I$root/include -gencode=arch=compute_$capability,code=sm_$capability"
sanitizer=$(command -v compute-sanitizer || ls "$toolkit/bin/compute-sanitizer" "$toolkit"/compute-sanitizer/compute-sanitizer 2>/dev/null | head -n 1)

# find_library <what> <its folder> <header> <library> <call>: of that folder, of the toolkit, or what Python's packages brought. Its headers
# come after the toolkit's. Leaves its flags in $found.
wheels=$(python3 -c 'import nvidia; print(list(nvidia.__path__)[0])' 2>/dev/null)
find_library() {
  found=
  printf '#include <%s>\nint main() { return %s() == 0; }\n' "$3" "$5" >"$build/find.cu"
  for folder in "$2" "$toolkit" ${wheels:+"$wheels"/cu*}; do
    [ -n "$folder" ] || continue
    library=$(ls "$folder"/lib64/"$4".so* "$folder"/lib/"$4".so* 2>/dev/null | head -n 1)
    [ -n "$library" ] || continue
    found="-Xcompiler -idirafter,$folder/include $library -Xlinker -rpath=$(dirname "$library")"
    $nvcc $flags "$build/find.cu" -o "$build/find" $found >/dev/null 2>&1 && { row "find $1" passed 0 "$library"; return; }
    found=
  done
  row "find $1" skipped 0 "name its folder: see the head of run.sh"
}
find_library cuBLASLt "${SINTER_CUBLAS:-}" cublasLt.h libcublasLt cublasLtGetVersion
blas=$found
find_library cuDNN "${SINTER_CUDNN:-}" cudnn.h libcudnn cudnnGetVersion
dnn=${blas:+${found:+-DSINTER_TEST_CUDNN=1 -DSINTER_BENCH_CUDNN=1 $found}}

# --- build, all at once ---
tests=$(grep -lE '^int main\(' "$root"/tests/cuda/*.cu)
(step "build the benchmarks" 240 $nvcc $flags -DNDEBUG ${blas:+-DSINTER_BENCH_CUBLASLT=1} "$own/kernels.cu" "$own/cub.cu" \
  -o "$build/kernels" $blas $dnn) &
for source in $tests; do
  name=$(basename "$source" .cu)
  sorts=
  [ "$name" != libraries ] || sorts=$own/cub.cu
  (step "build $name" 240 $nvcc $flags -lineinfo -I"$root/tests" "$source" $sorts -o "$build/$name" $blas $dnn) &
done
wait

# --- run ---
for source in $tests; do
  name=$(basename "$source" .cu)
  [ -x "$build/$name" ] && step "test $name" 60 "$build/$name"
done
[ -x "$build/kernels" ] && step "benchmarks" 150 "$build/kernels" "--rows=$build/works"
for tool in memcheck racecheck; do
  if [ -z "$sanitizer" ]; then
    row "$tool" skipped 0 "compute-sanitizer was not found"
    continue
  fi
  for source in $tests; do
    name=$(basename "$source" .cu)
    [ "$name" != libraries ] || continue  # their kernels are NVIDIA's
    [ -x "$build/$name" ] && step "$tool $name" 60 "$sanitizer" --tool "$tool" --error-exitcode 9 "$build/$name"
  done
done
[ ! -f "$build/works" ] || cat "$build/works" >>"$rows"
make_report
