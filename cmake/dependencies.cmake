# SPDX-License-Identifier: Apache-2.0
# What sinter uses from outside: installed packages first, else a pinned release through FetchContent.
# Without a network, -DFETCHCONTENT_SOURCE_DIR_<NAME>=<folder> names a source tree that is used as it stands.
include(FetchContent)

# Fetches a library of which only the headers are used, and makes `target` of its source folder (or a folder within it).
function(sinter_fetch_headers name target url)
  # A SOURCE_SUBDIR that does not exist keeps the library's own build out of ours.
  FetchContent_Declare(${name} URL ${url} SOURCE_SUBDIR headers_only DOWNLOAD_EXTRACT_TIMESTAMP OFF)
  FetchContent_MakeAvailable(${name})
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} INTERFACE "${${name}_SOURCE_DIR}/${ARGN}")
  message(STATUS "sinter: ${name} from ${${name}_SOURCE_DIR}")
endfunction()

# Makes Highway::headers, or leaves it undefined: it is downloaded only when the backend was asked for by name, so that a plain
# build needs no network.
function(sinter_find_highway)
  find_package(Highway QUIET MODULE)
  if(NOT TARGET Highway::headers AND (SINTER_BACKEND STREQUAL "highway" OR FETCHCONTENT_SOURCE_DIR_HIGHWAY))
    sinter_fetch_headers(highway Highway::headers https://github.com/google/highway/archive/refs/tags/1.0.3.tar.gz)
  endif()
endfunction()

# Makes Xsimd::headers, or leaves it undefined, in the same way.
function(sinter_find_xsimd)
  find_package(Xsimd QUIET MODULE)
  if(NOT TARGET Xsimd::headers AND (SINTER_BACKEND STREQUAL "xsimd" OR FETCHCONTENT_SOURCE_DIR_XSIMD))
    sinter_fetch_headers(xsimd Xsimd::headers https://github.com/xtensor-stack/xsimd/archive/refs/tags/8.1.0.tar.gz include)
  endif()
endfunction()

# Makes doctest::doctest.
function(sinter_find_doctest)
  find_package(doctest QUIET)
  if(NOT TARGET doctest::doctest)
    sinter_fetch_headers(doctest doctest::doctest https://github.com/doctest/doctest/archive/refs/tags/v2.4.9.tar.gz)
  endif()
endfunction()

# Makes benchmark::benchmark.
function(sinter_find_benchmark)
  find_package(benchmark QUIET)
  if(NOT TARGET benchmark::benchmark)
    set(BENCHMARK_ENABLE_TESTING OFF)
    set(BENCHMARK_ENABLE_INSTALL OFF)
    FetchContent_Declare(benchmark URL https://github.com/google/benchmark/archive/refs/tags/v1.7.1.tar.gz DOWNLOAD_EXTRACT_TIMESTAMP OFF)
    FetchContent_MakeAvailable(benchmark)
  endif()
endfunction()
