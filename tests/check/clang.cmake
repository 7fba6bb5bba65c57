# Everything compiles under Clang too, warnings being errors: the preset "clang", in build/clang.  Objects
# are kept, so that a second run compiles only what changed.
include("${CMAKE_CURRENT_LIST_DIR}/source.cmake")

find_program(CLANG NAMES clang)
if(NOT CLANG)
  message(FATAL_ERROR "clang is missing: sh toolchains/install.sh test")
endif()
foreach(step "--preset;clang" "--build;--preset;clang;--;--quiet")
  execute_process(COMMAND "${CMAKE_COMMAND}" ${step} WORKING_DIRECTORY "${ROOT}"
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "Clang does not take it:\n${output}")
  endif()
endforeach()
