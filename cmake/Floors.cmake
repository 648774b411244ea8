# The floors of the house: der < asn1 < lint < keyfile < guard < module; tools stand beside module.
#
# smimebr_floor(<name> SOURCES <file>... BELOW <floor>...) makes the object library smimebr_<name>.
# Its include path is a directory of links to its own folder and to those of the floors below, so
# that an include of a higher floor does not compile.

function(smimebr_floor name)
  cmake_parse_arguments(PARSE_ARGV 1 floor "" "" "SOURCES;BELOW")
  set(reach "${CMAKE_BINARY_DIR}/floors/${name}")
  file(MAKE_DIRECTORY "${reach}")
  foreach(part IN LISTS floor_BELOW ITEMS ${name})
    file(CREATE_LINK "${PROJECT_SOURCE_DIR}/provider/${part}" "${reach}/${part}" SYMBOLIC)
  endforeach()
  add_library(smimebr_${name} OBJECT ${floor_SOURCES})
  target_include_directories(smimebr_${name} PRIVATE "${reach}")
  target_link_libraries(smimebr_${name} PRIVATE smimebr_options)
endfunction()
