# Every .c and .h as .clang-format has it.  Mend with: clang-format -i FILE
include("${CMAKE_CURRENT_LIST_DIR}/source.cmake")

find_program(CLANG_FORMAT NAMES clang-format-14 clang-format)
if(NOT CLANG_FORMAT)
  message(FATAL_ERROR "clang-format is missing: sh toolchains/install.sh test")
endif()
list_files("^(platform|schema|sync|node|tests)/.*\\.[ch]$" files)
execute_process(COMMAND "${CLANG_FORMAT}" --dry-run -Werror --style=file ${files}
  WORKING_DIRECTORY "${ROOT}" RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "not formatted as .clang-format has it; mend with: clang-format -i FILE")
endif()
list(LENGTH files count)
finish(${count})
