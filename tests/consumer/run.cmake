# SPDX-License-Identifier: Apache-2.0
# Configures, builds and runs one consumer project in SCRATCH. WAY says how it gets sinter:
#   package         find_package(sinter) from an install tree
#   package_scalar  the same with SINTER_BACKEND=scalar
#   subdirectory    add_subdirectory
#   fetched         add_subdirectory where Highway is not installed and FetchContent is handed its sources
#   fetched_tests   sinter's own tests and benchmarks where no dependency is installed; configured only
set(own "${CMAKE_CURRENT_LIST_DIR}")
file(REMOVE_RECURSE "${SCRATCH}")
set(options -G Ninja -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=Debug -DCMAKE_EXPORT_COMPILE_COMMANDS=ON)
set(expected)  # what the compile commands must contain

if(WAY MATCHES "^package")
  execute_process(COMMAND ${CMAKE_COMMAND} --install "${BUILD}" --prefix "${SCRATCH}/prefix" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  set(project "${own}/package")
  list(APPEND options "-DCMAKE_PREFIX_PATH=${SCRATCH}/prefix")
  list(APPEND expected "${SCRATCH}/prefix/include")
  if(WAY STREQUAL "package_scalar")
    list(APPEND options -DSINTER_BACKEND=scalar)
    list(APPEND expected -DSINTER_DEFAULT_BACKEND_SCALAR)
  endif()
elseif(WAY STREQUAL "fetched_tests")
  set(project "${SOURCE}")
else()
  set(project "${own}/subdirectory")
  list(APPEND options "-DSINTER_SOURCE=${SOURCE}")
endif()

# Stands in for a source tree that FetchContent would download.
macro(hand_to_fetch_content name package)
  string(TOUPPER ${name} upper)
  list(APPEND options -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON "-DFETCHCONTENT_SOURCE_DIR_${upper}=${SCRATCH}/${name}")
endmacro()
if(WAY MATCHES "^fetched")
  file(COPY "${HIGHWAY}/hwy" DESTINATION "${SCRATCH}/highway")
  hand_to_fetch_content(highway Highway)
  list(APPEND options -DFETCHCONTENT_FULLY_DISCONNECTED=ON)
  list(APPEND expected "${SCRATCH}/highway")
endif()
if(WAY STREQUAL "fetched_tests")
  file(WRITE "${SCRATCH}/doctest/doctest/doctest.h" "")
  hand_to_fetch_content(doctest doctest)
  list(APPEND expected "${SCRATCH}/doctest")
  file(WRITE "${SCRATCH}/benchmark/CMakeLists.txt" "add_library(handed_over INTERFACE)
add_library(benchmark::benchmark_main ALIAS handed_over)
add_library(benchmark::benchmark ALIAS handed_over)")
  hand_to_fetch_content(benchmark benchmark)
endif()

execute_process(COMMAND ${CMAKE_COMMAND} -S "${project}" -B "${SCRATCH}/build" ${options} COMMAND_ERROR_IS_FATAL ANY)
if(NOT WAY STREQUAL "fetched_tests")
  execute_process(COMMAND ${CMAKE_COMMAND} --build "${SCRATCH}/build" COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${SCRATCH}/build/consumer" OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
  string(STRIP "${printed}" printed)
  if(NOT printed STREQUAL "11 22 33 44")
    message(FATAL_ERROR "the consumer printed '${printed}', expected '11 22 33 44'")
  endif()
endif()

file(READ "${SCRATCH}/build/compile_commands.json" commands)
foreach(text IN LISTS expected)
  string(FIND "${commands}" "${text}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "'${text}' is missing from the compile commands:\n${commands}")
  endif()
endforeach()
if(commands MATCHES "-Wall|-Werror" AND NOT WAY STREQUAL "fetched_tests")
  message(FATAL_ERROR "a user's target got our warning flags:\n${commands}")
endif()
