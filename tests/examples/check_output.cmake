# SPDX-License-Identifier: Apache-2.0
# Runs PROGRAM with ARGUMENTS and compares what it prints with the end of SOURCE: after a line `// Output:`, each line is `// ` and what is
# printed. `...` stands for any text up to the next line that is given (times, machine-dependent figures).
execute_process(COMMAND "${PROGRAM}" ${ARGUMENTS} OUTPUT_VARIABLE printed ERROR_VARIABLE errors RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${status}:\n${printed}${errors}")
endif()
file(READ "${SOURCE}" source)
if(NOT source MATCHES "\n// Output:\n(.*)$")
  message(FATAL_ERROR "${SOURCE} has no comment '// Output:' at its end")
endif()
string(REGEX REPLACE "(^|\n)// ?" "\\1" expected "${CMAKE_MATCH_1}")

# The expected text becomes a regular expression: everything is literal but `...`.
string(REGEX REPLACE "([][+.*()^$?|\\\\])" "\\\\\\1" pattern "${expected}")
string(REPLACE "\\.\\.\\." ".*" pattern "${pattern}")
string(STRIP "${pattern}" pattern)
string(STRIP "${printed}" printed)
if(NOT printed MATCHES "^${pattern}$")
  message(FATAL_ERROR "${PROGRAM} printed:\n${printed}\nexpected:\n${expected}")
endif()
