#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Times the peers by a script of the user's and adds them to the report that run.sh left, within nine minutes.
#   SINTER_GPU_PEERS=<script> peers.sh [folder with the results of run.sh]
# The script runs under python3 with OUT set to a folder, in which it leaves peers.json: {"table": {work: {peer: {"ms": number}}}}, with the
# names that kernels.cu gives to works; entries without "ms" are left out. It may leave the table in parts, peers_<name>.json.
set -u
own=$(cd "$(dirname "$0")" && pwd)
out=${1:-cuda-report} seconds=530
. "$own/common.sh"
[ ! -f "$rows" ] || grep -vE "^(peer|step	peers)	" "$rows" >"$build/rows"
[ ! -f "$build/rows" ] || cp "$build/rows" "$rows"

[ -f "${SINTER_GPU_PEERS:-}" ] || stop peers "set SINTER_GPU_PEERS to the path of a script that times the peers"
"$smi" >/dev/null 2>&1 || stop peers "no NVIDIA GPU is visible: $smi does not answer; nothing was run"
mkdir "$build/peers"
export OUT="$build/peers"
PYTHONUNBUFFERED=1 step peers 500 "${PYTHON:-python3}" "$SINTER_GPU_PEERS"
"${PYTHON:-python3}" - "$build/peers" >>"$rows" <<'END'
import glob, json, sys
times = {}
for path in sorted(glob.glob(sys.argv[1] + "/peers*.json")):
    for work, peers in json.load(open(path)).get("table", {}).items():
        times.setdefault(work, {}).update({who: t["ms"] for who, t in peers.items() if "ms" in t})
for work, peers in times.items():
    for who, ms in sorted(peers.items(), key=lambda p: p[1]):
        print("peer", work, who, repr(ms * 1e-3), sep="\t")
END
make_report
