# SPDX-License-Identifier: Apache-2.0
# sinter_add_kernels(<target> SOURCES <file>... ISAS <isa>...): compiles the files once for each instruction set and links all versions
# into the target, whose calls pick one by CPU (sinter/dispatch.hpp). ISAS: sse2, sse4, avx2, avx512 on x86-64; neon on ARM.
# The rest of the target should be compiled for the oldest CPU that is to run it.

function(sinter_add_kernels target)
  # Within the function: a variable beside it would be seen only where sinter is included. Highway wants AES and PCLMUL beside AVX2.
  set(flags_avx512 -march=skylake-avx512)
  set(flags_avx2 -march=haswell -maes -mpclmul)
  set(flags_sse4 -march=westmere)
  set(flags_sse2 -march=x86-64)
  set(flags_neon "")

  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;ISAS")
  if(NOT arg_SOURCES OR NOT arg_ISAS)
    message(FATAL_ERROR "sinter_add_kernels(${target}): give SOURCES and ISAS")
  endif()
  foreach(isa IN LISTS arg_ISAS)
    if(NOT DEFINED flags_${isa})
      message(FATAL_ERROR "sinter_add_kernels(${target}): no instruction set is called '${isa}'; choose of sse2, sse4, avx2, avx512, neon")
    endif()
  endforeach()
  # Oldest first: of an inline function that several versions hold (the standard library's too) the linker keeps the first copy, which
  # every CPU runs.
  set(best_first "")
  foreach(isa IN ITEMS sse2 sse4 avx2 avx512 neon)
    if(isa IN_LIST arg_ISAS)
      list(PREPEND best_first ${isa})
      add_library(${target}_${isa} OBJECT ${arg_SOURCES})
      target_link_libraries(${target}_${isa} PRIVATE sinter::sinter)
      target_include_directories(${target}_${isa} PRIVATE "$<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>")
      target_compile_definitions(${target}_${isa} PRIVATE "$<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>")
      # Without optimisation compilers leave functions of types, which all versions share, out of line.
      target_compile_options(${target}_${isa} PRIVATE "$<TARGET_PROPERTY:${target},COMPILE_OPTIONS>" ${flags_${isa}}
                                                      $<$<CONFIG:Debug>:-O1>)
      target_link_libraries(${target} PRIVATE $<TARGET_OBJECTS:${target}_${isa}>)
      add_dependencies(${target} ${target}_${isa})
    endif()
  endforeach()
  string(REPLACE ";" "," isas "${best_first}")
  target_compile_definitions(${target} PRIVATE "SINTER_KERNEL_ISAS=${isas}")
  target_link_libraries(${target} PRIVATE sinter::sinter)
endfunction()
