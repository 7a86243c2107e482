# SPDX-License-Identifier: Apache-2.0
# Sourced by demo.sh and test.sh: finds which Debian packages are missing and installs them where that is permitted.
#   require <package>...   installs what is missing, or says exactly what is missing and ends the script
#   prefer <package>...    the same for what can be done without: never ends the script

# Is a package there? By what it brings, so that software installed in another way counts too.
present() {
  case $1 in
    g++ | cmake | ccache) command -v "$1" ;;
    ninja-build) command -v ninja ;;
    clang-19) command -v clang++-19 ;;
    g++-aarch64-linux-gnu) command -v aarch64-linux-gnu-g++ ;;
    qemu-user) command -v qemu-aarch64 ;;
    libhwy-dev) ls /usr/include/hwy/highway.h /usr/local/include/hwy/highway.h ;;
    libxsimd-dev) ls /usr/include/xsimd/xsimd.hpp /usr/local/include/xsimd/xsimd.hpp ;;
    libeigen3-dev) ls /usr/include/eigen3/Eigen/Core /usr/local/include/eigen3/Eigen/Core ;;
    doctest-dev) ls /usr/include/doctest/doctest.h /usr/local/include/doctest/doctest.h ;;
    libbenchmark-dev) ls /usr/include/benchmark/benchmark.h /usr/local/include/benchmark/benchmark.h ;;
    zlib1g-dev) ls /usr/include/zlib.h /usr/local/include/zlib.h ;;
    dataset-fashion-mnist) ls /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ;;
    *) dpkg -s "$1" ;;
  esac 2>/dev/null | grep -q .
}

missing() { for package; do present "$package" || printf ' %s' "$package"; done; }

# How this user may install: an empty word for root, sudo where it asks no password.
as_root() {
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" = 0 ]; then echo; elif sudo -n true 2>/dev/null; then echo sudo; else return 1; fi
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  if ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1; then
    $root apt-get install -y -qq --no-install-recommends "$@" >"$install_log" 2>&1 && return
  fi
  $root apt-get update -qq >"$install_log" 2>&1 && $root apt-get install -y -qq --no-install-recommends "$@" >>"$install_log" 2>&1
}

require() {
  packages=$(missing "$@")
  [ -n "$packages" ] || return 0
  if root=$(as_root); then
    echo "installing:$packages"
    install_log=$(mktemp)
    apt_install $packages || { tail -n 20 "$install_log"; root=; }
    rm -f "$install_log"
    packages=$(missing "$@")
    [ -n "$packages" ] || return 0
  fi
  echo "missing:$packages"
  echo "install them with: sudo apt-get update && sudo apt-get install$packages"
  exit 1
}

prefer() {
  for package; do
    if present "$package"; then continue; fi
    if root=$(as_root); then
      install_log=$(mktemp)
      echo "installing: $package"
      apt_install "$package"
      rm -f "$install_log"
    fi
    present "$package" || echo "going on without $package"
  done
}

# step <what> <log> <command>...: one line for a step; what it prints goes to the log, which is shown if it fails.
step() {
  what=$1 log=$2
  shift 2
  mkdir -p "$(dirname "$log")"
  echo "$what"
  "$@" >"$log" 2>&1 && return
  tail -n 40 "$log" | cut -c1-400
  echo "failed: $what (all of it: $log)"
  exit 1
}
