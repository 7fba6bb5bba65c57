# Words that judge a person and so have no place in the software (PH8 and PH1: a missed appointment
# prompts "find out why"), in any source, text or datum.  This folder, which names them, is left out.
include("${CMAKE_CURRENT_LIST_DIR}/source.cmake")

set(words "non[- ]?engag" "service[- ]resistan" "failed to attend" "chaotic" "hard[- ]to[- ]reach"
  "complian(ce|t)" "case closed")
string(REPLACE ";" "|" pattern "${words}")

list_files("\\.(c|h|md|txt|sql|cddl|json|jsonl|js|mjs|html|css|sh|cmake|service)$" files)
list(FILTER files EXCLUDE REGEX "^tests/check/")
foreach(file ${files})
  read_text("${file}" text)
  string(TOLOWER "${text}" text)
  string(REGEX REPLACE "\n[ \t]*[*#>/|]*[ \t]*" " " flat "${text}") # a phrase may be broken over two lines
  if(NOT flat MATCHES "${pattern}")
    continue()
  endif()
  split_lines("${text}" lines)
  set(number 0)
  set(is_placed FALSE)
  foreach(line ${lines})
    math(EXPR number "${number} + 1")
    if(line MATCHES "${pattern}")
      report("${file}:${number}" "says \"${CMAKE_MATCH_0}\"")
      set(is_placed TRUE)
    endif()
  endforeach()
  if(NOT is_placed)
    string(REGEX MATCH "${pattern}" word "${flat}")
    report("${file}" "says \"${word}\", over two lines")
  endif()
endforeach()
list(LENGTH files count)
finish(${count})
