# Each header compiles on its own, as plain C11 without extensions.  COMPILER and INCLUDES (folders of
# libraries, separated by |) come from the build.
include("${CMAKE_CURRENT_LIST_DIR}/source.cmake")

set(flags "-I${ROOT}")
string(REPLACE "|" ";" folders "${INCLUDES}")
foreach(folder ${folders})
  list(APPEND flags -isystem "${folder}")
endforeach()
list_files("^(platform|schema|sync|node|tests)/.*\\.h$" files)
function(compile header)
  execute_process(
    COMMAND "${COMPILER}" -std=c11 -pedantic-errors -Wall -Wextra -Werror -D_POSIX_C_SOURCE=200809L
      ${ARGN} ${flags} -fsyntax-only -include "${header}" "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/alone.c"
    WORKING_DIRECTORY "${ROOT}" RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    report("${header}" "does not compile on its own as C11 (${ARGN})")
  endif()
endfunction()

foreach(file ${files})
  compile("${file}")
  file(STRINGS "${ROOT}/${file}" hooks REGEX "TP_TEST_HOOKS")
  if(hooks)
    compile("${file}" -DTP_TEST_HOOKS)
  endif()
endforeach()
list(LENGTH files count)
finish(${count})
