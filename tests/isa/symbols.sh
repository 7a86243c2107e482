#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails if an object holds a weak function of sinter's outside the namespaces of the instruction sets that contains AVX code: a linker may
# keep that copy for all versions, and an older CPU would run it.   symbols.sh <scratch folder> <object>...
set -u
scratch=$1
shift
mkdir -p "$scratch"
status=0
for object; do
  nm "$object" | awk '$2 ~ /^[WVu]$/ { print $3 }' | sort -u >"$scratch/weak"
  # VEX and EVEX instructions are those whose names begin with v.
  objdump -d --no-show-raw-insn "$object" |
    awk '/^[0-9a-f]+ <.*>:$/ { name = substr($2, 2, length($2) - 3) } /^ / && $2 ~ /^v[a-z]/ { print name }' | sort -u >"$scratch/vector"
  [ -s "$scratch/vector" ] || echo "$object: no AVX code at all"
  comm -12 "$scratch/weak" "$scratch/vector" | grep 6sinter | grep -v -E '6sinter(6detail)?(4avx2|6avx512|12avx2_checked|14avx512_checked)' >"$scratch/found"
  if [ -s "$scratch/found" ]; then
    echo "$object: weak functions outside the namespace of the instruction set:"
    c++filt <"$scratch/found" | cut -c1-200
    status=1
  fi
done
exit $status
