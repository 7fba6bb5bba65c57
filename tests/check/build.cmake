# Everything compiles under another preset too, warnings being errors: PRESET "clang" for Clang's warnings,
# "release" for those that GCC only finds when it optimises.  Objects are kept in build/PRESET, so that a
# second run compiles only what changed.
include("${CMAKE_CURRENT_LIST_DIR}/source.cmake")

foreach(step "--preset;${PRESET}" "--build;--preset;${PRESET};--;--quiet")
  execute_process(COMMAND "${CMAKE_COMMAND}" ${step} WORKING_DIRECTORY "${ROOT}"
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "the preset ${PRESET} does not build (packages: sh toolchains/install.sh test):\n${output}")
  endif()
endforeach()
