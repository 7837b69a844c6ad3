# Writes OUT: the reason code files of FILES (name=path, comma-separated) as C++ literals.
set(text "#include <string>\n#include <utility>\n#include <vector>\n\nnamespace pdp::rpc {\n\n")
string(APPEND text "const std::vector<std::pair<std::string, std::string>>& EmbeddedReasonFiles();\n")
string(APPEND text "const std::vector<std::pair<std::string, std::string>>& EmbeddedReasonFiles() {\n")
string(APPEND text "  static const auto* const files =\n")
string(APPEND text "      new std::vector<std::pair<std::string, std::string>>{\n")
string(REPLACE "," ";" files "${FILES}")
foreach(entry ${files})
  string(REGEX MATCH "^([^=]*)=(.*)$" ignored "${entry}")
  set(name "${CMAKE_MATCH_1}")
  file(READ "${CMAKE_MATCH_2}" content HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${content}")
  # One literal a 2000 characters: short lines of source, and no limit on the length of a literal.
  string(REGEX REPLACE "((\\\\x..)(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?)"
         "\"\\1\"\n" literal "${bytes}")
  string(APPEND text "          {\"${name}\", std::string(\n\"\" ${literal})},\n")
endforeach()
string(APPEND text "      };\n  return *files;\n}\n\n}  // namespace pdp::rpc\n")
file(WRITE "${OUT}" "${text}")
