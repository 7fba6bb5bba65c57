# npm ci, where the modules are missing or older than the lock file.  Builds in several folders may want them
# at once: one fetches, the others wait and find them there.
cmake_minimum_required(VERSION 3.25)
file(MAKE_DIRECTORY ${ROOT}/build)
file(LOCK ${ROOT}/build/modules.lock GUARD PROCESS TIMEOUT 600)
set(stamp ${ROOT}/node_modules/.package-lock.json)
if(EXISTS ${stamp} AND NOT ${ROOT}/package-lock.json IS_NEWER_THAN ${stamp})
  return()
endif()
if(NOT NPM)
  message(FATAL_ERROR "The pages need npm and its modules: sh toolchains/install.sh build")
endif()
execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund WORKING_DIRECTORY ${ROOT}
  OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "npm ci did not go well:\n${said}")
endif()
file(TOUCH ${stamp})
