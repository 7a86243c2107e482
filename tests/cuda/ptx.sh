#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles a .cu for sm_80 and sm_90a and holds its kernels against lines of it such as
#   // ptx: <regular expression of kernels> +ld.global.v4.f32 -ld.local count(ld.global)<=6 regs<=64 stack=0 spill=0
# +x, -x: instructions that begin with x are there, are not; count(x): how many; = or <=. Each kernel that fits must keep them, and one must
# fit on each architecture, or on that of a line that begins with ptx(sm_80): or ptx(sm_90a):. So that none vanish, the .cu also says how
# many are kept at least, each counted once a kernel:  // ptx expectations: 100.  Then shows that wrong lines are refused.
#   ptx.sh <source> <scratch folder> <nvcc and its flags>...
set -u
source=$1 scratch=$2
shift 2
rm -rf "$scratch" && mkdir -p "$scratch" || exit 1
"$@" -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90a,code=sm_90a -Xptxas -v --keep --keep-dir "$scratch" \
  -c "$source" -o "$scratch/object.o" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }

check() {  # check <file with expectations>
  awk '
    function fail(text) { print "wrong: " text; ++wrong }
    function count(kernel, prefix,   k, n, part) {
      for (k in seen) { split(k, part, SUBSEP); if (part[1] == kernel && index(part[2], prefix) == 1) n += seen[k] }
      return n + 0
    }
    function value(kernel, what) {
      if (what ~ /^count\(.*\)$/) return count(kernel, substr(what, 7, length(what) - 7))
      if (!((kernel, what) in figure)) return "unknown"
      return figure[kernel, what]
    }
    function keeps(kernel, term,   p, v) {
      if (term ~ /^\+/) return count(kernel, substr(term, 2)) > 0
      if (term ~ /^-/) return count(kernel, substr(term, 2)) == 0
      if ((p = index(term, "<=")) > 0) { v = value(kernel, substr(term, 1, p - 1)); return v != "unknown" && v + 0 <= substr(term, p + 2) + 0 }
      if ((p = index(term, "=")) > 0) { v = value(kernel, substr(term, 1, p - 1)); return v != "unknown" && v + 0 == substr(term, p + 1) + 0 }
      return 0
    }
    FNR == 1 { ++file; arch = FILENAME ~ /compute_90a/ ? "sm_90a" : "sm_80" }
    file == 1 {
      if ($1 == "//" && $2 ~ /^ptx(\(sm_80\)|\(sm_90a\))?:$/) { want[++wants] = $0; only[wants] = $2; gsub(/ptx|[():]/, "", only[wants]) }
      else if (/^\/\/ ptx expectations: [0-9]+$/) least = $4
      else if (/^\/\/ *ptx/) fail("not understood: " $0)
      next
    }
    file == 2 {
      if (/Compiling entry function/) { split($0, quoted, "\047"); kernel = quoted[4] " " quoted[2] }
      else if (/bytes stack frame/) { figure[kernel, "stack"] = $1; figure[kernel, "spill"] = $5 + $9 }
      else if (/Used [0-9]+ registers/) { match($0, /Used [0-9]+/); figure[kernel, "regs"] = substr($0, RSTART + 5, RLENGTH - 5) }
      next
    }
    /\.entry/ { match($0, /\.entry [A-Za-z0-9_$]+/); kernel = arch " " substr($0, RSTART + 7, RLENGTH - 7); kernels[kernel]; next }
    { ++seen[kernel, ($1 ~ /^@/ ? $2 : $1)] }
    END {
      if (least == 0) fail("no line says how many expectations there are")
      for (w = 1; w <= wants; ++w) {
        n = split(want[w], term, " ")
        split("sm_80 sm_90a", archs, " ")
        for (a = 1; a <= 2; ++a) {
          if (only[w] != "" && only[w] != archs[a]) continue
          fits = 0
          for (k in kernels) {
            if (index(k, archs[a] " ") != 1 || k !~ term[3]) continue
            ++fits
            for (t = 4; t <= n; ++t) {
              ++checked
              if (!keeps(k, term[t])) {
                shown = term[t]
                sub(/^[+-]/, "", shown)
                sub(/<?=.*/, "", shown)
                fail(term[t] " of " k ": " (term[t] ~ /^[+-]/ ? count(k, shown) " such instructions" : value(k, shown)))
              }
            }
          }
          if (!fits) fail("no kernel on " archs[a] " fits " term[3])
        }
      }
      if (checked < least) fail("only " checked + 0 " expectations of " least)
      if (!wrong) print checked " expectations kept"
      exit wrong > 0
    }' "$1" "$scratch/log" "$scratch"/*compute_80.ptx "$scratch"/*compute_90a.ptx
}
check "$source" || exit 1

refuse() {  # refuse <line>...
  printf '// ptx%s\n' "$@" >"$scratch/planted"
  if found=$(check "$scratch/planted"); then echo "not refused: $*"; exit 1; fi
  case $found in wrong:*) ;; *) printf 'no message for %s:\n%s\n' "$*" "$found"; exit 1 ;; esac
}
for planted in ': map_program +no.such' ': map_program -st.global' ': map_program regs<=1' ': map_program count(ld.global)=0' \
  ': map_program stack=8' ': map_program spil=0' ': map_program nonsense' ': no_such_program stack=0' '(sm_80): map_program -st.global' \
  '(sm_90a): no_such_program stack=0' '(sm_70): map_program +st.global'; do
  refuse ' expectations: 1' ': map_program stack=0' "$planted"
done
refuse ': map_program stack=0'
refuse ' expectations: 1000' ': map_program stack=0'
