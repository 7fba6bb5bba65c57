# npm ci, where the modules are missing or were fetched by another lock file.  Builds in several folders may
# want them at once: one fetches, the others wait and find them there.
cmake_minimum_required(VERSION 3.25)
file(MAKE_DIRECTORY ${ROOT}/build)
file(LOCK ${ROOT}/build/modules.lock GUARD PROCESS TIMEOUT 600)
set(stamp ${ROOT}/node_modules/.fetched) # the digest of the lock file they were fetched by
set(fetched "")
if(EXISTS ${stamp})
  file(READ ${stamp} fetched)
endif()
file(SHA256 ${ROOT}/package-lock.json wanted)
if(fetched STREQUAL wanted)
  file(TOUCH ${stamp})
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
file(WRITE ${stamp} "${wanted}")
