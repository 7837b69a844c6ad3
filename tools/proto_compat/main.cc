// proto-compat proto/golden: adds the line of every event shape that has none yet. Never changes or
// removes a line.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tools/proto_compat/golden.h"

int main(int argc, char** argv) {
  namespace compat = pdp::proto_compat;
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::fprintf(stderr, "usage: proto-compat proto/golden\n"
                         "adds a line for each event whose shape is new; commit what it adds\n");
    return 2;
  }
  int added = 0, known = 0;
  for (const auto* envelope : compat::EventEnvelopes()) {
    for (const auto& sample : compat::Samples(compat::Prototype(*envelope))) {
      const std::filesystem::path path =
          std::filesystem::path(argv[1]) / compat::GoldenPath(*sample);
      const auto lines = compat::ReadGoldens(path);
      if (!lines.ok()) {
        std::fprintf(stderr, "%s\n", std::string(lines.status().message()).c_str());
        return 1;
      }
      const compat::Golden golden = compat::MakeGolden(*sample);
      if (std::any_of(lines->begin(), lines->end(),
                      [&](const compat::Golden& line) { return line.shape == golden.shape; })) {
        ++known;
        continue;
      }
      std::filesystem::create_directories(path.parent_path());
      std::ofstream file(path, std::ios::app);
      if (!(file << compat::ToLine(golden) << '\n') || !file.flush()) {
        std::fprintf(stderr, "cannot write %s\n", path.c_str());
        return 1;
      }
      ++added;
    }
  }
  std::printf("%d lines added, %d shapes known\n", added, known);
  return 0;
}
