# What the checks share: the list of files, a file's lines, and how a finding is told.
# ROOT is the tree to look at (-DROOT=...).
cmake_minimum_required(VERSION 3.25)
if(NOT IS_DIRECTORY "${ROOT}")
  message(FATAL_ERROR "say which tree: cmake -DROOT=FOLDER -P ${CMAKE_SCRIPT_MODE_FILE}")
endif()

# Files of the tree, relative to ROOT, sorted, whose path matches `regex`: what git knows or would add;
# without git, everything but what .gitignore names.
function(list_files regex out)
  set(files "")
  set(status 1)
  if(EXISTS "${ROOT}/.git")
    execute_process(COMMAND git -c core.quotePath=false ls-files --cached --others --exclude-standard
      WORKING_DIRECTORY "${ROOT}" RESULT_VARIABLE status OUTPUT_VARIABLE files ERROR_QUIET)
    string(REGEX REPLACE "\n" ";" files "${files}")
  endif()
  if(NOT status EQUAL 0)
    file(GLOB_RECURSE files LIST_DIRECTORIES false RELATIVE "${ROOT}" "${ROOT}/*")
    list(FILTER files EXCLUDE REGEX "^(build|node_modules|\\.git)/")
  endif()
  set(existing "")
  foreach(file ${files})
    if(file MATCHES "${regex}" AND EXISTS "${ROOT}/${file}")
      list(APPEND existing "${file}")
    endif()
  endforeach()
  list(SORT existing)
  set(${out} "${existing}" PARENT_SCOPE)
endfunction()

# The text of a file, made safe for CMake's lists: [ ] become ( ), a backslash /, a semicolon a comma.
function(read_text file out)
  file(READ "${ROOT}/${file}" text)
  string(REPLACE "[" "(" text "${text}")
  string(REPLACE "]" ")" text "${text}")
  string(REPLACE "\\\\" "/" text "${text}")
  string(REPLACE "\\\"" "/" text "${text}")
  string(REPLACE "\\" "/" text "${text}")
  string(REPLACE ";" "," text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# Splits such a text; every line starts with a | so that empty lines count too.
function(split_lines text out)
  string(REPLACE "\n" ";|" lines "|${text}")
  set(${out} "${lines}" PARENT_SCOPE)
endfunction()

function(report place what)
  message("${place}: ${what}")
  get_property(count GLOBAL PROPERTY findings)
  math(EXPR count "0${count} + 1")
  set_property(GLOBAL PROPERTY findings ${count})
endfunction()

# Ends a check; what was looked at is said, so that a check of nothing shows.
function(finish looked_at)
  get_property(count GLOBAL PROPERTY findings)
  if(looked_at EQUAL 0)
    message(FATAL_ERROR "there was nothing to check under ${ROOT}")
  elseif(count)
    message(FATAL_ERROR "${count} findings in ${looked_at} files")
  endif()
  message(STATUS "${looked_at} files, no finding")
endfunction()
