# SPDX-License-Identifier: Apache-2.0
# The default SIMD backend, chosen where sinter is used: the build tree and the installed package both include this file, so an
# installed package is not tied to the Highway of the machine that built it.

# Gives `target` the backend that SINTER_BACKEND names; when it names none, Highway where Highway::headers exists, else scalar.
function(sinter_use_backend target)
  if(SINTER_BACKEND STREQUAL "scalar")
    set(backend scalar)
  elseif(TARGET Highway::headers)
    set(backend highway)
  elseif(SINTER_BACKEND STREQUAL "highway")
    message(FATAL_ERROR "sinter: SINTER_BACKEND is highway and hwy/highway.h was not found; install Highway (Debian: libhwy-dev) "
                        "or set SINTER_BACKEND=scalar")
  elseif(SINTER_BACKEND STREQUAL "")
    set(backend scalar)
    message(STATUS "sinter: Highway was not found, so kernels are scalar code; install it (Debian: libhwy-dev) for SIMD")
  endif()
  if(backend STREQUAL "highway")
    target_link_libraries(${target} INTERFACE $<BUILD_INTERFACE:Highway::headers>)
  elseif(backend STREQUAL "scalar")
    target_compile_definitions(${target} INTERFACE $<BUILD_INTERFACE:SINTER_DEFAULT_BACKEND_SCALAR>)
  else()
    message(FATAL_ERROR "sinter: SINTER_BACKEND is '${SINTER_BACKEND}'; it must be highway, scalar or empty")
  endif()
endfunction()
