# How every target of earshot is built: flags, libraries of ours, plugins, tests.
# "lib" on every system: the program finds its libraries and plugins relative to itself.
set(CMAKE_INSTALL_LIBDIR lib CACHE PATH "Where libraries are installed, below the prefix")
include(GNUInstallDirs)
include(EarshotPlugin)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib;$ORIGIN;$ORIGIN/../..")
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)
set(EARSHOT_PLUGIN_DIR "${CMAKE_BINARY_DIR}/lib/earshot/plugins")

find_program(EARSHOT_CCACHE ccache)
if(EARSHOT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${EARSHOT_CCACHE}")
endif()
find_program(EARSHOT_MOLD mold)
if(EARSHOT_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
add_link_options(-Wl,--build-id)
if(EARSHOT_SANITIZE)
  add_compile_options(-fsanitize=${EARSHOT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${EARSHOT_SANITIZE})
endif()

# Warnings are errors in our own files; LibTorch's headers are system headers and keep their own.
function(earshot_compile TARGET)
  target_compile_options(${TARGET} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
                                           -Wno-missing-field-initializers
                                           # g++ 12 takes "text" + std::string for an overlapping copy (GCC bug 105651).
                                           $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
                                           -fno-gnu-unique)
  if(EARSHOT_SANITIZE)
    # What the sanitizers put in makes g++ 12 see uninitialised variants where there are none (GCC bug 105562).
    target_compile_options(${TARGET} PRIVATE -Wno-maybe-uninitialized)
  endif()
  if(EARSHOT_CLONES AND NOT EARSHOT_SANITIZE)
    target_compile_definitions(${TARGET} PRIVATE EARSHOT_CLONES=1)
  endif()
endfunction()

# A shared library of ours: headers under include/, installed with the package.
function(earshot_library TARGET)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${TARGET} SHARED ${ARG_SOURCES})
  add_library(earshot::${TARGET} ALIAS ${TARGET})
  earshot_compile(${TARGET})
  target_compile_features(${TARGET} PUBLIC cxx_std_20)
  target_include_directories(${TARGET} PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
                                              $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${TARGET} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

# One test program with GoogleTest's main; runs from the project's root.
function(earshot_test NAME)
  if(NOT EARSHOT_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${NAME} ${ARG_SOURCES})
  earshot_compile(${NAME})
  # What a test does itself is little; what it calls in libraries is optimised there.
  target_compile_options(${NAME} PRIVATE $<$<CONFIG:Release>:-O1>)
  set_target_properties(${NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  target_link_libraries(${NAME} PRIVATE ${ARG_LIBRARIES} GTest::gtest_main)
  add_test(NAME ${NAME} COMMAND ${NAME} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(${NAME} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()

# The test of one plugin, NAME_test.cpp beside it, with the objects that the plugin is made of.
function(earshot_plugin_test NAME)
  get_target_property(libraries plugin_${NAME} LINK_LIBRARIES)
  earshot_test(${NAME}_test SOURCES ${NAME}_test.cpp $<TARGET_OBJECTS:plugin_${NAME}> LIBRARIES ${libraries})
  if(TARGET ${NAME}_test)
    target_include_directories(${NAME}_test PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/tests/support")
  endif()
endfunction()

# For the few tests that must know where the checkout and its build are: with these paths in its command, a source is
# compiled anew in every checkout.
function(earshot_test_knows_folders NAME)
  if(TARGET ${NAME})
    target_compile_definitions(${NAME} PRIVATE EARSHOT_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                               EARSHOT_BINARY_DIR="${CMAKE_BINARY_DIR}")
  endif()
endfunction()
