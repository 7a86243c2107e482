# SPDX-License-Identifier: Apache-2.0
# sinter_use_cuda_libraries(<target> cublaslt | cudnn | cub ...): what programs with sinter/cublaslt.hpp, sinter/cudnn.hpp and sinter/cub.hpp
# need beside it: NVIDIA's libraries, found in the toolkit or where CUDNN_ROOT and CUDAToolkit_ROOT say, and the file that compiles CUB
# (language CUDA). No part of sinter needs them otherwise.

# Sets SINTER_<NAME> and SINTER_<NAME>_INCLUDE_DIR.
macro(sinter_find_cuda_library name library header)
  set(sinter_places HINTS ENV ${name}_ROOT ENV CUDAToolkit_ROOT ENV CUDA_PATH "${${name}_ROOT}" PATHS /usr/local/cuda)
  find_path(SINTER_${name}_INCLUDE_DIR ${header} ${sinter_places} PATH_SUFFIXES include)
  find_library(SINTER_${name} ${library} ${sinter_places} PATH_SUFFIXES lib64 lib)
  mark_as_advanced(SINTER_${name} SINTER_${name}_INCLUDE_DIR)
endmacro()

function(sinter_use_cuda_libraries target)
  if("cudnn" IN_LIST ARGN)
    list(APPEND ARGN cublaslt)
  endif()
  foreach(what IN LISTS ARGN)
    if(what STREQUAL "cub")
      set(file "${CMAKE_CURRENT_BINARY_DIR}/${target}_cub.cu")
      file(CONFIGURE OUTPUT "${file}" CONTENT "#include <sinter/cub_implementation.hpp>\n")
      target_sources(${target} PRIVATE "${file}")
      continue()
    elseif(what STREQUAL "cublaslt")
      set(name CUBLASLT)
      sinter_find_cuda_library(CUBLASLT cublasLt cublasLt.h)
    elseif(what STREQUAL "cudnn")
      set(name CUDNN)
      sinter_find_cuda_library(CUDNN cudnn cudnn.h)
    else()
      message(FATAL_ERROR "sinter_use_cuda_libraries(${target}): no library is called '${what}'; choose of cublaslt, cudnn, cub")
    endif()
    if(NOT SINTER_${name} OR NOT SINTER_${name}_INCLUDE_DIR)
      message(FATAL_ERROR "sinter_use_cuda_libraries(${target}): ${what} was not found; set ${name}_ROOT to the folder with its include and lib")
    endif()
    target_include_directories(${target} SYSTEM PRIVATE "${SINTER_${name}_INCLUDE_DIR}")
    target_link_libraries(${target} PRIVATE "${SINTER_${name}}")
  endforeach()
endfunction()
