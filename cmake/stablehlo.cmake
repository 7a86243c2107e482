# SPDX-License-Identifier: Apache-2.0
# sinter_add_stablehlo(<target> NAME <c++ name> FILE <module.mlir> [LARGER <bytes>] [ELIDED])
# Gives the target the header <name>.hpp, in which `constexpr auto <name>` is the module's function (sinter/stablehlo.hpp); of a name in
# namespaces, a::b::name, the last part names the files. The module's type is a::b::name_text: stablehlo_arguments<a::b::name_text, 0, 9>; functions
# that it calls are given by `struct mine : a::b::name_text { using calls = std::tuple<f>; };` and sinter::stablehlo<mine>. Constants of more than LARGER bytes (4096), and those in the module's
# dialect_resources, go into <name>.bin, which is mapped when the function is first called: sought where sinter::module_data_folder() or the
# environment variable SINTER_MODULE_DATA says (and then nowhere else), or where the build made it, else beside the executable; a file that is missing is a
# sinter::io_error. ELIDED makes up small pseudo-random numbers for constants that an export left out (dense_resource<__elided__>).
# The property SINTER_STABLEHLO_DATA of the target lists the .bin files. When cross-compiling, set SINTER_STABLEHLO_EMBED to an embed
# program of the build machine.

set(SINTER_STABLEHLO_SOURCE "${CMAKE_CURRENT_LIST_DIR}/stablehlo/embed.cpp" CACHE INTERNAL "")

function(sinter_add_stablehlo target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ELIDED" "NAME;FILE;LARGER" "")
  if(NOT arg_NAME OR NOT arg_FILE OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sinter_add_stablehlo(${target}): give NAME and FILE, and no '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  if(NOT arg_NAME MATCHES "^([A-Za-z_][A-Za-z0-9_]*::)*[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR "sinter_add_stablehlo(${target}): '${arg_NAME}' is no C++ name; give one such as models::bert")
  endif()
  file(REAL_PATH "${arg_FILE}" module)
  if(NOT EXISTS "${module}")
    message(FATAL_ERROR "sinter_add_stablehlo(${target}): there is no file ${module}")
  endif()
  set(embed "${SINTER_STABLEHLO_EMBED}")
  if(NOT embed)
    set(embed sinter_stablehlo_embed)
    if(NOT TARGET ${embed})
      add_executable(${embed} EXCLUDE_FROM_ALL "${SINTER_STABLEHLO_SOURCE}")
      target_link_libraries(${embed} PRIVATE sinter::sinter)
      target_compile_options(${embed} PRIVATE -O1)
    endif()
  endif()
  string(REGEX REPLACE ".*::" "" file "${arg_NAME}")
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/stablehlo/${target}")
  file(MAKE_DIRECTORY "${folder}")
  set(options "")
  if(arg_LARGER)
    list(APPEND options --larger ${arg_LARGER})
  endif()
  if(arg_ELIDED)
    list(APPEND options --elided)
  endif()
  add_custom_command(OUTPUT "${folder}/${file}.hpp" "${folder}/${file}.bin"
                     COMMAND ${embed} "${module}" ${arg_NAME} "${folder}" ${options}
                     DEPENDS ${embed} "${module}" COMMENT "Embedding ${file} of ${arg_FILE}" VERBATIM)
  add_custom_target(${target}_${file}_module DEPENDS "${folder}/${file}.hpp")
  add_dependencies(${target} ${target}_${file}_module)
  target_include_directories(${target} PRIVATE "${folder}")
  target_link_libraries(${target} PRIVATE sinter::sinter)
  set_property(TARGET ${target} APPEND PROPERTY SINTER_STABLEHLO_DATA "${folder}/${file}.bin")
endfunction()
