# Writes reference data into a source file, so that the pure domain reads no disk.
#   pdp_embed_text(<output.cc> <namespace> <symbol=file>...)
# Files are relative to the calling folder; a change to one runs CMake again.
function(pdp_embed_text output namespace)
  set(text "#include \"absl/strings/string_view.h\"\n\nnamespace ${namespace} {\n")
  foreach(pair ${ARGN})
    string(REGEX REPLACE "=.*" "" symbol ${pair})
    string(REGEX REPLACE "^[^=]*=" "" path ${pair})
    get_filename_component(path ${path} ABSOLUTE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    file(READ ${path} content)
    # The delimiter cannot occur in textproto.
    string(APPEND text "extern const absl::string_view ${symbol};\nconst absl::string_view ${symbol} =\n    R\"PDPREF(${content})PDPREF\";\n")
  endforeach()
  string(APPEND text "}  // namespace ${namespace}\n")
  file(GENERATE OUTPUT ${output} CONTENT "${text}")
endfunction()
