# SPDX-License-Identifier: Apache-2.0
# The default SIMD backend, chosen where sinter is used: the build tree and the installed package both include this file, so an
# installed package is not tied to the libraries of the machine that built it.

# Gives `target` the backend that SINTER_BACKEND names; when it names none, Highway where Highway::headers exists, else scalar.
function(sinter_use_backend target)
  set(backend "${SINTER_BACKEND}")
  if(backend STREQUAL "" AND TARGET Highway::headers)
    set(backend highway)
  elseif(backend STREQUAL "")
    set(backend scalar)
    message(STATUS "sinter: Highway was not found, so kernels are scalar code; install it (Debian: libhwy-dev) for SIMD")
  endif()
  if(backend STREQUAL "highway")
    if(NOT TARGET Highway::headers)
      message(FATAL_ERROR "sinter: SINTER_BACKEND is highway and hwy/highway.h was not found; install Highway (Debian: libhwy-dev) "
                          "or set SINTER_BACKEND=scalar")
    endif()
    target_link_libraries(${target} INTERFACE $<BUILD_INTERFACE:Highway::headers>)
  elseif(backend STREQUAL "xsimd")
    if(NOT TARGET Xsimd::headers)
      message(FATAL_ERROR "sinter: SINTER_BACKEND is xsimd and xsimd/xsimd.hpp was not found; install xsimd (Debian: libxsimd-dev) "
                          "or set SINTER_BACKEND=scalar")
    endif()
    target_link_libraries(${target} INTERFACE $<BUILD_INTERFACE:Xsimd::headers>)
    target_compile_definitions(${target} INTERFACE $<BUILD_INTERFACE:SINTER_DEFAULT_BACKEND_XSIMD>)
  elseif(backend STREQUAL "scalar")
    target_compile_definitions(${target} INTERFACE $<BUILD_INTERFACE:SINTER_DEFAULT_BACKEND_SCALAR>)
  else()
    message(FATAL_ERROR "sinter: SINTER_BACKEND is '${SINTER_BACKEND}'; it must be highway, xsimd, scalar or empty")
  endif()
endfunction()
