# What every target of the platform is built with, and the ways to declare one.
#
#   pdp_proto(<name> [GRPC] PROTOS <files relative to proto/> [DEPS <pdp_proto targets>])
#   pdp_library(<name> SRCS ... [DEPS ...])
#   pdp_binary(<name> SRCS ... [DEPS ...])
#   pdp_test(<name> SRCS ... [DEPS ...] [LABELS ...] [TIMEOUT seconds])
#
#   pdp_embed_text(<output.cc> <namespace> <symbol=file>...)   see embed.cmake
#
# Targets carry the dependency rule of the architecture: a target sees only what it names in DEPS.

include(${CMAKE_CURRENT_LIST_DIR}/embed.cmake)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_SKIP_BUILD_RPATH OFF)

set(PDP_SANITIZE "" CACHE STRING "Sanitizers, as given to -fsanitize=")
set(PDP_GOOGLEAPIS_DIR "${CMAKE_SOURCE_DIR}/.deps/googleapis" CACHE PATH
    "Folder holding google/api and google/rpc (filled by tools/setup)")

find_program(PDP_CCACHE ccache)
if(PDP_CCACHE)
  # Shared between build folders and checkouts: paths below the checkout are hashed relative.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 ${PDP_CCACHE})
endif()
find_program(PDP_MOLD mold)
if(PDP_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers
                    -Werror=switch-enum -Werror=return-type -Werror=unused-result)
if(PDP_SANITIZE)
  add_compile_options(-fsanitize=${PDP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(PDP_SANITIZE MATCHES undefined)
    # A check at every access through a pointer is a quarter of the compile time, and a null pointer
    # ends the process without it too.
    add_compile_options(-fno-sanitize=null,alignment,object-size,vptr,pointer-overflow
                        -fno-sanitize=nonnull-attribute,returns-nonnull-attribute)
  endif()
  add_link_options(-fsanitize=${PDP_SANITIZE})
endif()

if(NOT PDP_SANITIZE)
  # A sixth of a command's time is the C library's allocator; sanitizers bring one of their own.
  find_library(PDP_JEMALLOC jemalloc REQUIRED)
endif()
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
if(PDP_SANITIZE STREQUAL "thread")
  # An Abseil whose mutexes ThreadSanitizer can see; gRPC uses the same one at run time.
  set(PDP_TSAN_ABSEIL ${CMAKE_SOURCE_DIR}/.deps/abseil-tsan)
  if(NOT EXISTS ${PDP_TSAN_ABSEIL}/VERSION)
    message(FATAL_ERROR "ThreadSanitizer needs its own Abseil: run tools/tsan_abseil")
  endif()
  list(PREPEND CMAKE_PREFIX_PATH ${PDP_TSAN_ABSEIL})
endif()
find_package(absl REQUIRED)
find_package(Protobuf REQUIRED)
if(PDP_SANITIZE STREQUAL "thread")
  # Protobuf gives its maps two more members where ThreadSanitizer is on, which Debian's library does
  # not have: maps would be read at the wrong place. The header without them goes before the other.
  list(GET Protobuf_INCLUDE_DIRS 0 protobuf_headers)
  file(READ ${protobuf_headers}/google/protobuf/map_field.h header)
  string(REPLACE "#if defined(__SANITIZE_THREAD__) || defined(THREAD_SANITIZER)" "#if 0" patched "${header}")
  if(patched STREQUAL header)
    message(FATAL_ERROR "protobuf's map_field.h is not the one that ThreadSanitizer was tried with")
  endif()
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/tsan_headers/google/protobuf/map_field.h
       CONTENT "${patched}" @ONLY)
  include_directories(BEFORE ${CMAKE_BINARY_DIR}/tsan_headers)
  add_library(pdp_c11_threads OBJECT ${CMAKE_CURRENT_LIST_DIR}/tsan_c11_threads.cc)
  set(PDP_TSAN_THREADS pdp_c11_threads)
endif()
find_package(OpenSSL REQUIRED)
pkg_check_modules(GRPC REQUIRED IMPORTED_TARGET grpc++)
pkg_check_modules(ROCKSDB REQUIRED IMPORTED_TARGET rocksdb)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
find_program(PDP_GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)
find_program(PDP_PROTOC protoc REQUIRED)

# The Abseil that gRPC and our own code use; gRPC's pkg-config file names it only for static links.
add_library(pdp_absl INTERFACE)
target_link_libraries(pdp_absl INTERFACE
  absl::base absl::btree absl::cord absl::flat_hash_map absl::flat_hash_set absl::function_ref
  absl::int128 absl::span absl::status absl::statusor absl::strings absl::str_format
  absl::synchronization absl::time absl::random_random absl::optional absl::variant absl::hash)
if(CMAKE_BUILD_TYPE STREQUAL Release)
  add_library(pdp_release_locks OBJECT ${CMAKE_CURRENT_LIST_DIR}/release_locks.cc)
  target_link_libraries(pdp_release_locks PRIVATE pdp_absl)
  set(PDP_RELEASE_LOCKS pdp_release_locks)
endif()
add_library(pdp_grpc INTERFACE)
target_link_libraries(pdp_grpc INTERFACE PkgConfig::GRPC grpc++_reflection grpc gpr pdp_absl
                                         protobuf::libprotobuf Threads::Threads)

set(PDP_GEN_DIR ${CMAKE_BINARY_DIR}/gen)
file(MAKE_DIRECTORY ${PDP_GEN_DIR})
set(PDP_PROTO_INCLUDES -I${CMAKE_SOURCE_DIR}/proto -I${PDP_GOOGLEAPIS_DIR} -I/usr/include)

function(pdp_proto name)
  cmake_parse_arguments(A "GRPC" "" "PROTOS;DEPS" ${ARGN})
  set(srcs)
  foreach(proto ${A_PROTOS})
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    if(EXISTS ${CMAKE_SOURCE_DIR}/proto/${proto})
      set(in ${CMAKE_SOURCE_DIR}/proto/${proto})
    else()
      set(in ${PDP_GOOGLEAPIS_DIR}/${proto})
    endif()
    set(outs ${PDP_GEN_DIR}/${stem}.pb.cc ${PDP_GEN_DIR}/${stem}.pb.h)
    set(args --cpp_out=${PDP_GEN_DIR})
    if(A_GRPC AND stem MATCHES "service$")
      list(APPEND outs ${PDP_GEN_DIR}/${stem}.grpc.pb.cc ${PDP_GEN_DIR}/${stem}.grpc.pb.h)
      list(APPEND args --grpc_out=${PDP_GEN_DIR} --plugin=protoc-gen-grpc=${PDP_GRPC_CPP_PLUGIN})
    endif()
    add_custom_command(OUTPUT ${outs} COMMAND ${PDP_PROTOC} ${args} ${PDP_PROTO_INCLUDES} ${in}
                       DEPENDS ${in} VERBATIM)
    list(APPEND srcs ${outs})
  endforeach()
  add_library(${name} STATIC ${srcs})
  target_include_directories(${name} SYSTEM PUBLIC ${PDP_GEN_DIR})
  if(PDP_SANITIZE MATCHES address)
    # Generated code, a third of the build: instrumenting it takes three times as long and finds
    # nothing of ours. ThreadSanitizer has to see it, or it would miss what orders its accesses.
    target_compile_options(${name} PRIVATE -fno-sanitize=all)
  endif()
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf pdp_absl ${A_DEPS})
  if(A_GRPC)
    target_link_libraries(${name} PUBLIC pdp_grpc)
  endif()
  # Generated headers must exist before anything that includes them compiles.
  add_custom_target(${name}_gen DEPENDS ${srcs})
  foreach(dep ${A_DEPS})
    if(TARGET ${dep}_gen)
      add_dependencies(${name}_gen ${dep}_gen)
      add_dependencies(${name} ${dep}_gen)
    endif()
  endforeach()
endfunction()

function(pdp_library name)
  cmake_parse_arguments(A "" "" "SRCS;DEPS" ${ARGN})
  if(A_SRCS)
    add_library(${name} STATIC ${A_SRCS})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC pdp_absl ${A_DEPS})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE pdp_absl ${A_DEPS})
  endif()
endfunction()

function(pdp_binary name)
  cmake_parse_arguments(A "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${A_SRCS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE pdp_absl ${A_DEPS} ${PDP_TSAN_THREADS} ${PDP_RELEASE_LOCKS}
                        $<$<BOOL:${PDP_JEMALLOC}>:${PDP_JEMALLOC}>)
  if(PDP_JEMALLOC)
    # Nothing names it, so the linker would leave it out.
    target_link_options(${name} PRIVATE -Wl,--no-as-needed)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

function(pdp_test name)
  cmake_parse_arguments(A "" "TIMEOUT" "SRCS;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${A_SRCS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE pdp_absl GTest::gtest_main GTest::gmock ${A_DEPS}
                        ${PDP_TSAN_THREADS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
  if(CMAKE_BUILD_TYPE STREQUAL Debug)
    # What is tested is optimised, the tests themselves are not: a third of their compile time.
    target_compile_options(${name} PRIVATE -O0)
  endif()
  target_compile_definitions(${name} PRIVATE PDP_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                                             PDP_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 120)
  endif()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${A_TIMEOUT} LABELS "${A_LABELS}" ENVIRONMENT
    "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0;TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")
  if(PDP_TSAN_ABSEIL)
    set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT "LD_LIBRARY_PATH=${PDP_TSAN_ABSEIL}/lib")
  endif()
  # One broker for all tests that need one, one test at a time (tests/kafka/CMakeLists.txt).
  if("kafka" IN_LIST A_LABELS)
    set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED kafka_broker
                         RESOURCE_LOCK kafka_broker)
    set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT
                 "PDP_KAFKA_DIR=${CMAKE_BINARY_DIR}/kafka_broker")
  endif()
endfunction()

# A folder joins the build when it has a CMakeLists.txt.
function(pdp_add_subdirectories)
  foreach(dir ${ARGN})
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/CMakeLists.txt)
      add_subdirectory(${dir})
    endif()
  endforeach()
endfunction()
